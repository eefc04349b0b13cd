import type { Rollout } from "../api/messages";
import { useSteady } from "../hooks/useSteady";
import { reached, standing, track } from "../rollouts/progress";
import { headline, kindInWords } from "../rollouts/story";
import { Link } from "./Link";
import { lookOf, State } from "./State";
import { Time } from "./Time";

const idOf = (rollout: Rollout): string => rollout.id;

/** Rollouts, each with how far it came; rows under the pointer stay where they are. */
export const RolloutTable = ({ rollouts }: { rollouts: Rollout[] }) => {
  const { shown, waiting, holding } = useSteady(rollouts, idOf);
  return (
    <>
      <div className="aw-scroll" {...holding} tabIndex={0} role="region" aria-label="Table of rollouts">
        <table className="aw-stacking">
          <thead>
            <tr>
              <th>Model</th>
              <th>Kind</th>
              <th>Stage reached</th>
              <th>State</th>
              <th>Since</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((rollout) => (
              <Row key={rollout.id} rollout={rollout} />
            ))}
          </tbody>
        </table>
      </div>
      {waiting > 0 && <p className="aw-muted">{waiting} more when the pointer has left the table.</p>}
    </>
  );
};

const Row = ({ rollout }: { rollout: Rollout }) => (
  <tr>
    <td>
      <Link to={["rollouts", rollout.id]}>
        <strong>{rollout.model}</strong> {rollout.version}
      </Link>
      <div className="aw-small aw-muted">{headline(rollout)}</div>
    </td>
    <td className="aw-nowrap">{kindInWords(rollout)}</td>
    <td className="aw-nowrap">
      <span className="aw-mini" aria-hidden="true">
        {track(rollout).map((mark) => (
          <i key={mark.key} className={`aw-${lookOf(mark.state).tone}`} />
        ))}
      </span>
      {reached(rollout)}
    </td>
    <td>
      <State of={standing(rollout)} />
    </td>
    <td className="aw-nowrap">
      <Time at={rollout.ended_at ?? rollout.stages.at(-1)?.began_at ?? rollout.opened_at} />
    </td>
  </tr>
);
