import type { ReactNode } from "react";

import type { Asked } from "../hooks/useAsk";
import { Frame } from "./Frame";

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
    <Frame asked={asked} rows={2}>
      {(rows) => (rows.length === 0 ? <div className="aw-empty">{empty}</div> : children(rows))}
    </Frame>
  </section>
);
