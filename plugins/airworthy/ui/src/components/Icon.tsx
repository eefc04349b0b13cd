// Drawn, not typed: a font without a glyph would leave colour to speak alone.
const PATHS = {
  approx: "M2 6.5c2-2 4-2 6 0s4 2 6 0M2 11c2-2 4-2 6 0s4 2 6 0",
  back: "M6 3 2.5 6.5 6 10M3 6.5h6.5a4 4 0 0 1 0 8H6",
  bang: "M8 2.5v7M8 13v.5",
  check: "m3 8.5 3.2 3.2L13 4.8",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  cross: "m4 4 8 8M12 4l-8 8",
  dash: "M3.5 8h9",
  dot: "M8 8h.01M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5",
  dots: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  eye: "M1.5 8C4 3.8 12 3.8 14.5 8 12 12.2 4 12.2 1.5 8M8 6.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4",
  info: "M8 7v6.5M8 3v.5",
  none: "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3M4.5 11.5l7-7",
  people: "M5.5 3a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4M1.5 13c0-4.5 8-4.5 8 0M10.5 7.5l1.5 1.5 3-3.5",
  question: "M5.5 5.5c0-3.3 5-3.3 5 0 0 2-2.5 2-2.5 4M8 13v.5",
  ring: "M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9",
  square: "M4 4h8v8H4z",
  triangle: "M8 3 14 13H2z",
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg className="aw-icon" viewBox="0 0 16 16" aria-hidden="true" data-icon={name}>
    <path d={PATHS[name]} />
  </svg>
);
