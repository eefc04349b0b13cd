import type { Rollout } from "../api/messages";
import { kindInWords } from "../rollouts/story";
import { Digest } from "./Digest";
import { Link } from "./Link";
import { RunLink } from "./RunLink";
import { Time } from "./Time";

/** What a rollout is about: versions, endpoint, times, plan, run. */
export const RolloutFacts = ({ rollout }: { rollout: Rollout }) => (
  <dl className="aw-facts">
    <div>
      <dt>Version</dt>
      <dd>
        <Link to={["models", rollout.model, rollout.version]}>{rollout.version}</Link>
        {rollout.stable_version ? ` after ${rollout.stable_version}` : ", nothing before it"}
      </dd>
    </div>
    <div>
      <dt>Kind</dt>
      <dd>{kindInWords(rollout)}</dd>
    </div>
    <div>
      <dt>Endpoint</dt>
      <dd>{rollout.endpoint}</dd>
    </div>
    <div>
      <dt>Began</dt>
      <dd>
        <Time at={rollout.opened_at} />
      </dd>
    </div>
    {rollout.ended_at && (
      <div>
        <dt>Ended</dt>
        <dd>
          <Time at={rollout.ended_at} />
        </dd>
      </div>
    )}
    <div>
      <dt>Plan</dt>
      <dd>
        <Digest of={rollout.plan_digest} />
      </dd>
    </div>
    <div>
      <dt>Run</dt>
      <dd>
        <RunLink run={rollout.run} />
      </dd>
    </div>
  </dl>
);
