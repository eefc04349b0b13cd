import type { Caller, Decision, Rollout } from "../api/messages";
import { consequences } from "../rollouts/reading";
import { AnswerForm } from "./AnswerForm";
import { Digest } from "./Digest";
import { Link } from "./Link";
import { RunLink } from "./RunLink";
import { Time } from "./Time";

type Props = {
  decision: Decision;
  caller: Caller | undefined;
  rollout?: Rollout | undefined;
  onAnswered: () => void;
};

/** One question to people: what about, until when, and the answer. */
export const DecisionCard = ({ decision, caller, rollout, onAnswered }: Props) => (
  <article className="aw-card">
    <header>
      <h3>{decision.title}</h3>
      <span className="aw-deadline">
        No answer <Time at={decision.deadline} /> means{" "}
        <strong>{decision.default.replaceAll("_", " ")}</strong>
      </span>
    </header>
    {decision.body && <p className="aw-body">{decision.body}</p>}
    <dl className="aw-facts">
      <div>
        <dt>About</dt>
        <dd>{decision.subject}</dd>
      </div>
      <div>
        <dt>Digest</dt>
        <dd>
          <Digest of={decision.subject_digest} />
        </dd>
      </div>
      <div>
        <dt>Asked</dt>
        <dd>
          <Time at={decision.opened_at} />
        </dd>
      </div>
      <div>
        <dt>Run</dt>
        <dd>
          <RunLink run={decision.run} />
        </dd>
      </div>
      {rollout && (
        <div>
          <dt>Evidence</dt>
          <dd>
            <Link to={["rollouts", rollout.id]}>the rollout of {rollout.version}</Link>
          </dd>
        </div>
      )}
    </dl>
    <AnswerForm
      decision={decision}
      caller={caller}
      consequences={rollout && decision.kind === "stage" ? consequences(rollout) : undefined}
      onAnswered={onAnswered}
    />
  </article>
);
