import { useCallback, useEffect, useState } from "react";

import { Failure, read } from "../api/client";

/** What is known of a question: the last answer, the last failure, or neither yet. */
export type Asked<T> = { data?: T; failure?: Failure; again: () => void };

const asFailure = (reason: unknown) =>
  reason instanceof Failure ? reason : new Failure(String(reason));

/** Asks at once and then again every few seconds while the page is seen; `null` asks nothing. */
export const useAsk = <T>(path: string | null, everySeconds = 5): Asked<T> => {
  const [known, setKnown] = useState<{ data?: T; failure?: Failure }>({});
  const [round, setRound] = useState(0);

  useEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();
    const ask = async () => {
      try {
        const data = await read<T>(path, stop.signal);
        if (!stop.signal.aborted) setKnown({ data });
      } catch (reason) {
        // The last answer stays on the page, marked as old.
        if (!stop.signal.aborted) setKnown((old) => ({ ...old, failure: asFailure(reason) }));
      }
    };
    const timer = setInterval(() => {
      if (!document.hidden) void ask();
    }, everySeconds * 1000);
    void ask();
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [path, everySeconds, round]);

  const again = useCallback(() => setRound((value) => value + 1), []);
  return { ...known, again };
};
