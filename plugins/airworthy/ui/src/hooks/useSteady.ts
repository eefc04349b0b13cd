import { useRef, useState } from "react";

/** Rows as they are shown, how many wait, and what the table listens to. */
export type Steady<T> = {
  shown: T[];
  waiting: number;
  holding: { onPointerEnter: () => void; onPointerLeave: () => void };
};

/**
 * Keeps rows where they are while the pointer is on them: those shown change in place and keep
 * their order, new ones wait until the pointer has left.
 */
export const useSteady = <T>(rows: T[], keyOf: (row: T) => string): Steady<T> => {
  const [isHeld, setHeld] = useState(false);
  const order = useRef<string[]>([]);
  if (!isHeld) order.current = rows.map(keyOf);
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  const shown = order.current.map((key) => byKey.get(key)).filter((row) => row !== undefined);
  const holding = { onPointerEnter: () => setHeld(true), onPointerLeave: () => setHeld(false) };
  return { holding, shown, waiting: rows.length - shown.length };
};
