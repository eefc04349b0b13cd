import type { Endpoint, RollbackRequest, Rollout } from "../api/messages";
import { isOver } from "./progress";
import { undoing } from "./reading";

/** A way back from a rollout: which live version is seen, what happens, and why it may not be. */
export type Undo = { live: string; words: string; verb: string; barred: string };

/** The way back from where a rollout stands; none where it changed nothing, or is going back. */
export const undoOf = (rollout: Rollout, endpoint: Endpoint | undefined): Undo | undefined => {
  const { version, stable_version: stable } = rollout;
  if (!isOver(rollout)) {
    if (rollout.stop) return undefined;
    const verb = stable ? `Roll back to ${stable}` : `Take ${version} down`;
    return { barred: "", live: stable, verb, words: undoing(stable, version, rollout.endpoint) };
  }
  if (rollout.state !== "promoted" || endpoint?.live_version !== version) return undefined;
  const target = endpoint.rollback_target;
  const barred = target ? "" : `No version that was live and healthy before ${version} is known.`;
  const words = `Version ${target} gets all traffic again, by a release of its own; ${version} is taken down.`;
  return { barred, live: version, verb: `Roll back to ${target}`, words };
};

/** The request to leave this version that nothing has carried out yet. */
export const pending = (
  rollout: Rollout,
  requests: RollbackRequest[] | undefined,
): RollbackRequest | undefined =>
  requests?.find((request) => request.from_version === rollout.version && !request.closed_at);
