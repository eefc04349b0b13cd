import { replace, pathTo } from "../routing";
import { type Mark, track } from "../rollouts/progress";
import type { Rollout } from "../api/messages";
import { Icon } from "./Icon";
import { lookOf } from "./State";

type Props = { rollout: Rollout; open: number | undefined };

/** The whole way of a rollout from left to right; a stage that began can be opened. */
export const StageTrack = ({ rollout, open }: Props) => (
  <ol className="aw-track" aria-label="Stages">
    {track(rollout).map((mark) => (
      <li key={mark.key} className={`aw-stop aw-${lookOf(mark.state).tone}`}>
        <span className="aw-node">
          <Icon name={lookOf(mark.state).icon} />
        </span>
        <Stop mark={mark} rollout={rollout} isOpen={mark.stage !== undefined && mark.stage === open} />
      </li>
    ))}
  </ol>
);

const Stop = ({ mark, rollout, isOpen }: { mark: Mark; rollout: Rollout; isOpen: boolean }) => {
  const words = (
    <>
      <strong>{mark.title}</strong>{" "}
      <span className="aw-stop-state">{lookOf(mark.state).words}</span>{" "}
      <span className="aw-muted aw-small">{mark.note}</span>
    </>
  );
  if (mark.stage === undefined || mark.stage >= rollout.stages.length) {
    return <span className="aw-stop-words">{words}</span>;
  }
  const stage = mark.stage;
  return (
    <button
      type="button"
      className="aw-stop-words"
      aria-pressed={isOpen}
      onClick={() => replace(pathTo(["rollouts", rollout.id], { stage }))}
    >
      {words}
    </button>
  );
};
