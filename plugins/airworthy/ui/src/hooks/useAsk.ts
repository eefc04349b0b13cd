import { useCallback, useEffect, useState } from "react";

import { Failure, read } from "../api/client";

/** What is known of a question: the last answer, the last failure, or neither yet. */
export type Asked<T> = { data?: T; failure?: Failure; again: () => void };

const asFailure = (reason: unknown) =>
  reason instanceof Failure ? reason : new Failure(String(reason));

/**
 * Asks at once and then again every few seconds while the page is seen. A `null` path asks nothing;
 * zero seconds ask once, and so does an answer that `isLast` knows as the last one.
 */
export const useAsk = <T>(
  path: string | null,
  everySeconds = 5,
  isLast?: (data: T) => boolean,
): Asked<T> => {
  const [known, setKnown] = useState<{ data?: T; failure?: Failure }>({});
  const [round, setRound] = useState(0);

  useEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();
    const ask = async () => {
      try {
        const data = await read<T>(path, stop.signal);
        if (stop.signal.aborted) return;
        setKnown({ data });
        if (isLast?.(data)) clearInterval(timer);
      } catch (reason) {
        // The last answer stays on the page, marked as old.
        if (!stop.signal.aborted) setKnown((old) => ({ ...old, failure: asFailure(reason) }));
      }
    };
    const timer =
      everySeconds > 0
        ? setInterval(() => {
            if (!document.hidden) void ask();
          }, everySeconds * 1000)
        : undefined;
    void ask();
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [path, everySeconds, isLast, round]);

  const again = useCallback(() => setRound((value) => value + 1), []);
  return { ...known, again };
};
