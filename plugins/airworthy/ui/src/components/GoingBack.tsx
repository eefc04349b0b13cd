import type { RollbackRequest, Rollout } from "../api/messages";
import { Icon } from "./Icon";
import { Link } from "./Link";
import { Time } from "./Time";

type Props = { rollout: Rollout; request: RollbackRequest | undefined };

/** How far a rollback has come that somebody asked for. */
export const GoingBack = ({ rollout, request }: Props) => {
  const asked = request ?? rollout.stop;
  if (!asked) return null;
  const target = request ? request.version : rollout.stable_version;
  const isOther = Boolean(request?.rollout_id) && request?.rollout_id !== rollout.id;
  return (
    <div className="aw-notice" role="status">
      <Icon name="back" />
      <div>
        <strong>
          {target ? `Going back to ${target}` : `Taking ${rollout.version} down`}
        </strong>{" "}
        · {asked.by}, <Time at={asked.at} />: {asked.reason}
        <div className="aw-small">
          {isOther && request ? (
            <Link to={["rollouts", request.rollout_id]}>the rollout that carries it out</Link>
          ) : request?.kind === "rollback" ? (
            "Asked; its release begins in some seconds."
          ) : (
            "Asked; the release moves the traffic and then ends."
          )}
        </div>
      </div>
    </div>
  );
};
