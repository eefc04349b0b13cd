import { useState } from "react";

import { Icon } from "./Icon";

/** A digest short enough to compare by eye; a click copies all of it. */
export const Digest = ({ of }: { of: string }) => {
  const [copied, setCopied] = useState(false);
  const hex = of.replace(/^sha256:/, "");
  const copy = async () => {
    // The clipboard exists on secure origins only; elsewhere the tooltip still shows the whole.
    await navigator.clipboard?.writeText(of);
    setCopied(Boolean(navigator.clipboard));
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <button type="button" className="aw-digest" title={`${of}\nClick to copy`} onClick={copy}>
      {copied ? "copied" : hex.slice(0, 12)}
      <Icon name={copied ? "check" : "copy"} />
    </button>
  );
};
