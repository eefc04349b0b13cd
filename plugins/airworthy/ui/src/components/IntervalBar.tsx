import type { SignalSeen } from "../api/messages";
import { measured } from "../rollouts/reading";

/** The axis of a bar: a little more than what is drawn on it, zero always among it. */
export const axisOf = (signal: SignalSeen): { from: number; to: number } | undefined => {
  const drawn = [signal.value, signal.lower, signal.upper, signal.limit].filter((x) => x !== null);
  if (signal.value === null || drawn.length === 0) return undefined;
  const from = Math.min(0, ...drawn);
  const to = Math.max(0, ...drawn);
  const room = (to - from || 1) * 0.08;
  return { from: from - (from < 0 ? room : 0), to: to + room };
};

/** Value, interval and limit in words; a missing interval is said. */
export const inWords = (signal: SignalSeen): string => {
  if (signal.value === null) return "not measured";
  const { lower, upper, limit } = signal;
  const side = (bound: number | null, open: string) => (bound === null ? open : measured(signal, bound));
  const interval =
    lower === null && upper === null
      ? "no interval"
      : `${side(lower, "no lower bound")} to ${side(upper, "no upper bound")}`;
  // The split has no limit: it is to be what the plan wants.
  const word = signal.name === "split" ? "wanted" : "limit";
  const limited = limit === null ? "" : `, ${word} ${measured(signal, limit)}`;
  return `${measured(signal, signal.value)} (${interval})${limited}`;
};

/** A value with its interval against the limit; words alone where nothing was measured. */
export const IntervalBar = ({ signal }: { signal: SignalSeen }) => {
  const axis = axisOf(signal);
  const words = inWords(signal);
  if (!axis || signal.value === null) return <span className="aw-muted">{words}</span>;
  const at = (x: number) => `${((x - axis.from) / (axis.to - axis.from)) * 100}%`;
  const { lower, upper } = signal;
  const hasInterval = lower !== null || upper !== null;
  return (
    <div className="aw-interval">
      <div className="aw-interval-axis" role="img" aria-label={words} title={words}>
        <i className="aw-zero" style={{ left: at(0) }} />
        {hasInterval && (
          <i
            className="aw-range"
            style={{ left: at(lower ?? axis.from), right: `calc(100% - ${at(upper ?? axis.to)})` }}
          />
        )}
        {signal.limit !== null && <i className={signal.name === "split" ? "aw-wanted" : "aw-limit"} style={{ left: at(signal.limit) }} />}
        <i className="aw-point" style={{ left: at(signal.value) }} />
      </div>
      <span className="aw-small" aria-hidden="true">
        {words}
      </span>
    </div>
  );
};
