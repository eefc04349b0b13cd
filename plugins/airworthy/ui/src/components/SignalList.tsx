import type { SignalSeen } from "../api/messages";
import { count, signalMeaning, signalTitle } from "../rollouts/reading";
import { IntervalBar } from "./IntervalBar";
import { State } from "./State";

/** What each signal says: verdict, words, interval against the limit, samples of those needed. */
export const SignalList = ({ signals }: { signals: SignalSeen[] }) => (
  <ul className="aw-signals" aria-label="Signals">
    {signals.map((signal) => (
      <li key={signal.name}>
        <div className="aw-signal-name">
          <strong title={signalMeaning(signal)}>{signalTitle(signal)}</strong>
          <State of={signal.verdict} />
        </div>
        <div className="aw-signal-words">
          {signal.words}
          <div className="aw-small aw-muted">{signalMeaning(signal)}</div>
        </div>
        <IntervalBar signal={signal} />
        <Samples signal={signal} />
      </li>
    ))}
  </ul>
);

const Samples = ({ signal }: { signal: SignalSeen }) => {
  const share = signal.needed > 0 ? Math.min(100, (signal.samples / signal.needed) * 100) : 100;
  const needed = signal.needed > 0 ? ` of ${count(signal.needed)} needed` : "";
  return (
    <div className="aw-samples">
      <span className="aw-bar aw-thin" aria-hidden="true">
        <span style={{ width: `${share}%` }} />
      </span>
      <span className="aw-small">
        {count(signal.samples)}
        {needed}
      </span>
    </div>
  );
};
