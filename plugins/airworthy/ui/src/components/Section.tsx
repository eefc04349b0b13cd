import type { ReactNode } from "react";

import type { Asked } from "../hooks/useAsk";

type Props<T> = {
  title: string;
  asked: Asked<T[]>;
  empty: ReactNode;
  children: (rows: T[]) => ReactNode;
};

/** The frame of every list: skeleton, empty, error and data, in the same place. */
export const Section = <T,>({ title, asked, empty, children }: Props<T>) => (
  <section className="aw-section" aria-label={title} aria-busy={!asked.data && !asked.failure}>
    <h2>
      {title}
      {asked.data && asked.data.length > 0 && <span className="aw-count">{asked.data.length}</span>}
    </h2>
    {asked.failure && (
      <p className="aw-failure" role="alert">
        <span>
          <strong>{asked.failure.message}</strong> {asked.failure.remedy}{" "}
          {asked.data && "What stands below is from before."}
        </span>
        <button type="button" onClick={asked.again}>
          Try again
        </button>
      </p>
    )}
    {!asked.data && !asked.failure && <Skeleton />}
    {asked.data?.length === 0 && <div className="aw-empty">{empty}</div>}
    {asked.data && asked.data.length > 0 && children(asked.data)}
  </section>
);

const Skeleton = () => (
  <div className="aw-skeleton" role="status" aria-label="Loading">
    <div />
    <div />
  </div>
);
