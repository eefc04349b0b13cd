import type { Rollout, StageRecord } from "../api/messages";
import { stageName } from "../rollouts/progress";
import { briefly, count, duration, percent } from "../rollouts/reading";
import { Link } from "./Link";
import { State } from "./State";

/** What became of every stage that began; the story of a finished rollout, line by line. */
export const StageTable = ({ rollout }: { rollout: Rollout }) => (
  <div className="aw-scroll" tabIndex={0} role="region" aria-label="What became of each stage">
    <table>
      <thead>
        <tr>
          <th>Stage</th>
          <th>Outcome</th>
          <th>Why</th>
          <th>Wanted</th>
          <th>Observed</th>
          <th>Requests, candidate / live</th>
          <th>Watched</th>
        </tr>
      </thead>
      <tbody>
        {rollout.stages.map((record) => (
          <Row key={record.index} rollout={rollout} record={record} />
        ))}
      </tbody>
    </table>
  </div>
);

const Row = ({ rollout, record }: { rollout: Rollout; record: StageRecord }) => {
  const stage = rollout.plan.stages[record.index];
  const { seen } = record;
  if (!stage) return null;
  const observed = seen?.observed_percent ?? null;
  return (
    <tr>
      <td className="aw-nowrap">
        <Link to={["rollouts", rollout.id]} query={{ stage: record.index }}>
          {stageName(stage)}
        </Link>
      </td>
      <td>
        <State of={`stage_${record.state}`} />
        {seen && <State of={seen.verdict} label="verdict" />}
      </td>
      <td>{briefly(record.reason || seen?.words || "")}</td>
      <td className="aw-nowrap">{stage.percent} %</td>
      <td className="aw-nowrap">{observed === null ? "no data" : percent(observed)}</td>
      <td className="aw-nowrap">
        {seen ? `${count(seen.candidate_requests)} / ${count(seen.stable_requests)}` : "no data"}
      </td>
      <td className="aw-nowrap">{seen ? duration(seen.seconds) : "no data"}</td>
    </tr>
  );
};
