import type { Mark } from "../rollouts/models";
import { standing } from "../rollouts/progress";
import { headline } from "../rollouts/story";
import { Link } from "./Link";
import { RunLink } from "./RunLink";
import { State } from "./State";
import { Time } from "./Time";

const keyOf = (mark: Mark): string => {
  if (mark.kind === "version") return `version ${mark.version.version}`;
  if (mark.kind === "rollout") return `rollout ${mark.rollout.id}`;
  return `run ${mark.record.run.dag_id} ${mark.record.run.run_id}`;
};

/** What happened to a model on one line of time, the newest first. */
export const TimeLine = ({ marks }: { marks: Mark[] }) => (
  <ol className="aw-timeline">
    {marks.map((mark) => (
      <li key={keyOf(mark)}>
        <span className="aw-small aw-muted">
          <Time at={mark.at} />
        </span>
        <div>
          <What mark={mark} />
        </div>
      </li>
    ))}
  </ol>
);

const What = ({ mark }: { mark: Mark }) => {
  if (mark.kind === "version") {
    const { model, version } = mark.version;
    return (
      <>
        <State of="registered" /> <Link to={["models", model, version]}>version {version}</Link>
      </>
    );
  }
  if (mark.kind === "rollout") {
    return (
      <>
        <State of={standing(mark.rollout)} />{" "}
        <Link to={["rollouts", mark.rollout.id]}>{headline(mark.rollout)}</Link>
      </>
    );
  }
  const { record } = mark;
  return (
    <>
      <State of={`run_${record.state}`} /> <RunLink run={record.run} /> {record.partition}{" "}
      <span className="aw-muted">{record.reason}</span>
    </>
  );
};
