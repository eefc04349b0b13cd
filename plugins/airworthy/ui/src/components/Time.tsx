import { useEffect, useState } from "react";

const STEPS: [number, Intl.RelativeTimeFormatUnit][] = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
];
const WORDS = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export const relative = (at: number, now: number): string => {
  const seconds = (at - now) / 1000;
  const step = STEPS.find(([size]) => Math.abs(seconds) >= size);
  if (!step) return seconds < 0 ? "just now" : "in less than a minute";
  return WORDS.format(Math.trunc(seconds / step[0]), step[1]);
};

/** An instant as seen from now; the absolute time in the reader's zone is in the tooltip. */
export const Time = ({ at }: { at: string }) => {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 15_000);
    return () => clearInterval(timer);
  }, []);
  const instant = new Date(at);
  return (
    <time dateTime={at} title={instant.toLocaleString()}>
      {relative(instant.getTime(), now)}
    </time>
  );
};
