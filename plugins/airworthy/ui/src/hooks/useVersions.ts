import { useEffect, useState } from "react";

import { Failure, read } from "../api/client";
import type { Endpoint, RunRecord, Version } from "../api/messages";
import type { Asked } from "./useAsk";

const newestFirst = (one: Version, other: Version) =>
  other.registered_at.localeCompare(one.registered_at);

/** The newest versions of every model that has a run or an endpoint. */
export const useVersions = (
  runs: Asked<RunRecord[]>,
  endpoints: Asked<Endpoint[]>,
): Asked<Version[]> => {
  const [known, setKnown] = useState<{ data?: Version[]; failure?: Failure }>({});
  const models = [...new Set([...(runs.data ?? []), ...(endpoints.data ?? [])].map((r) => r.model))];
  const asked = runs.data && endpoints.data ? models.sort().join("\n") : null;
  const lastRun = (runs.data ?? []).map((run) => run.updated_at).sort().at(-1) ?? "";

  useEffect(() => {
    if (asked === null) return undefined;
    const stop = new AbortController();
    const paths = asked.split("\n").filter(Boolean).map((m) => `models/${encodeURIComponent(m)}/versions`);
    Promise.all(paths.map((path) => read<Version[]>(path, stop.signal)))
      .then((lists) => setKnown({ data: lists.flat().sort(newestFirst) }))
      .catch((reason: unknown) => {
        if (stop.signal.aborted) return;
        const failure = reason instanceof Failure ? reason : new Failure(String(reason));
        setKnown((old) => ({ ...old, failure }));
      });
    return () => stop.abort();
  }, [asked, lastRun]);

  const failure = known.failure ?? runs.failure ?? endpoints.failure;
  const again = () => {
    runs.again();
    endpoints.again();
  };
  return { ...(known.data && { data: known.data }), ...(failure && { failure }), again };
};
