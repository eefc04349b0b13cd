import type { PlannedStage, StageSeen } from "../api/messages";
import { count, percent } from "../rollouts/reading";

type Props = { stage: PlannedStage; seen: StageSeen | null; candidate: string; stable: string };

/** Wanted and observed share of the candidate, one bar each; what was not seen has no bar. */
export const Split = ({ stage, seen, candidate, stable }: Props) => {
  const isShadow = stage.kind === "shadow";
  const observed = seen?.observed_percent ?? null;
  const all = (seen?.candidate_requests ?? 0) + (isShadow ? 0 : (seen?.stable_requests ?? 0));
  const of = seen && !isShadow ? ` (${count(seen.candidate_requests)} of ${count(all)} requests)` : "";
  return (
    <div className="aw-split">
      <Bar
        title="Wanted"
        share={stage.percent}
        words={`${stage.percent} %${isShadow ? " of the requests mirrored" : ""}`}
      />
      <Bar
        title="Observed"
        share={observed}
        words={observed === null ? "no request yet" : `${percent(observed)}${of}`}
      />
      <p className="aw-small aw-muted">
        <span className="aw-swatch aw-candidate" /> {candidate} {isShadow ? "(answers nobody)" : "(candidate)"}
        {stable && (
          <>
            <span className="aw-swatch aw-stable" /> {stable} (live)
          </>
        )}
      </p>
    </div>
  );
};

type BarProps = { title: string; share: number | null; words: string };

const Bar = ({ title, share, words }: BarProps) => (
  <div className="aw-bar-row">
    <span>{title}</span>
    <span className="aw-bar" aria-hidden="true">
      {share !== null && <span style={{ width: `${Math.min(100, Math.max(0, share))}%` }} />}
    </span>
    <span className="aw-nowrap">{words}</span>
  </div>
);
