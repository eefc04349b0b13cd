import type { ReactNode } from "react";

import type { Asked } from "../hooks/useAsk";

/** What failed, what still holds, and a button to ask again. */
export const FailureNote = ({ asked }: { asked: Asked<unknown> }) =>
  asked.failure ? (
    <div className="aw-failure" role="alert">
      <span>
        <strong>{asked.failure.message}</strong> {asked.failure.remedy}{" "}
        {asked.data !== undefined && "What stands below is from before."}
      </span>
      <button type="button" onClick={asked.again}>
        Try again
      </button>
    </div>
  ) : null;

export const Skeleton = ({ rows = 2 }: { rows?: number }) => (
  <div className="aw-skeleton" role="status" aria-label="Loading">
    {Array.from({ length: rows }, (_, row) => (
      <div key={row} />
    ))}
  </div>
);

type Props<T> = { asked: Asked<T>; rows?: number; children: (data: T) => ReactNode };

/** One thing that was asked for: its skeleton, its failure, or it. */
export const Frame = <T,>({ asked, rows = 3, children }: Props<T>) => (
  <>
    <FailureNote asked={asked} />
    {asked.data === undefined && !asked.failure && <Skeleton rows={rows} />}
    {asked.data !== undefined && children(asked.data)}
  </>
);
