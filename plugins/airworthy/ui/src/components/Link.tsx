import type { ReactNode } from "react";

import { addressOf, pathTo } from "../routing";

type Props = { to: string[]; query?: Record<string, string | number>; here?: boolean; children: ReactNode };

/** A link to another place of the console; a real address, so that it can be copied and opened. */
export const Link = ({ to, query, here, children }: Props) => (
  <a href={addressOf(pathTo(to, query))} aria-current={here ? "page" : undefined}>
    {children}
  </a>
);
