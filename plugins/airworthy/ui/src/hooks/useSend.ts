import { useRef, useState } from "react";

import { Failure, freshKey, write } from "../api/client";

/** What becomes of a change that a person asked for. */
export type Sending = {
  sending: string;
  failure: Failure | undefined;
  send: (path: string, body: unknown, label: string) => Promise<boolean>;
};

/** Sends a change; the same one again carries the same key, so that two clicks are one change. */
export const useSend = (): Sending => {
  const [sending, setSending] = useState("");
  const [failure, setFailure] = useState<Failure>();
  const keys = useRef(new Map<string, string>());

  const send = async (path: string, body: unknown, label: string): Promise<boolean> => {
    const attempt = `${path}\n${JSON.stringify(body)}`;
    const key = keys.current.get(attempt) ?? freshKey();
    keys.current.set(attempt, key);
    setSending(label);
    setFailure(undefined);
    try {
      await write(path, body, key);
      return true;
    } catch (raised) {
      setFailure(raised instanceof Failure ? raised : new Failure(String(raised)));
      return false;
    } finally {
      setSending("");
    }
  };
  return { failure, send, sending };
};
