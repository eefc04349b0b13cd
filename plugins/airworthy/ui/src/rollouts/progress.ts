import type { Decision, PlannedStage, Rollout, StageRecord } from "../api/messages";

const ENDS = ["promoted", "refused", "rolled_back", "failed", "superseded", "stopped"];
const CLEARED = ["passed", "accepted"];

export const isOver = (rollout: Rollout): boolean => ENDS.includes(rollout.state);

/** The stage that is looked at now; none before the first one. */
export const present = (rollout: Rollout): StageRecord | undefined => rollout.stages.at(-1);

/** Open ones first, then by age, the newest first. */
export const openFirst = (one: Rollout, other: Rollout): number =>
  Number(isOver(one)) - Number(isOver(other)) || other.opened_at.localeCompare(one.opened_at);

/** Whether nothing goes on until a person answers. */
export const waitsForPerson = (rollout: Rollout): boolean =>
  !isOver(rollout) &&
  !rollout.stop &&
  (present(rollout)?.state === "undecided" ||
    (rollout.state === "opened" && rollout.approval_required && !rollout.decision_id));

export const isOfRun = (decision: Decision, rollout: Rollout): boolean =>
  decision.run.dag_id === rollout.run.dag_id && decision.run.run_id === rollout.run.run_id;

/** The word of State that says how a rollout stands. */
export const standing = (rollout: Rollout): string => {
  if (waitsForPerson(rollout)) return "waits";
  return rollout.stop && !isOver(rollout) ? "stopping" : `rollout_${rollout.state}`;
};

export const stageName = (stage: PlannedStage): string =>
  stage.kind === "shadow" ? "Shadow" : `${stage.percent} %`;

/** How far it came, in few words. */
export const reached = (rollout: Rollout): string => {
  const stage = rollout.plan.stages[rollout.stages.length - 1];
  if (stage) return `${stageName(stage)} (${rollout.stages.length} of ${rollout.plan.stages.length})`;
  return rollout.plan.stages.length > 0 ? "before the first stage" : "no stages";
};

export type Mark = { key: string; title: string; state: string; note: string; stage?: number };

/** The whole way of a rollout: the deployment, its stages, the promotion. */
export const track = (rollout: Rollout): Mark[] => [
  { key: "dark", title: "Deploy", state: deployment(rollout), note: "no traffic" },
  ...rollout.plan.stages.map((stage, index) => ({
    key: `stage ${index}`,
    title: stageName(stage),
    state: stageState(rollout, index),
    note: stage.kind === "shadow" ? `${stage.percent} % mirrored` : "of the traffic",
    stage: index,
  })),
  { key: "live", title: "Live", state: promotion(rollout), note: "all traffic" },
];

const deployment = (rollout: Rollout): string => {
  const isUp = rollout.stages.length > 0 || ["verified", "promoted"].includes(rollout.state);
  if (isUp) return "stage_done";
  if (rollout.state === "refused") return "rollout_refused";
  if (isOver(rollout)) return rollout.state === "superseded" ? "stage_abandoned" : "stage_failed";
  return waitsForPerson(rollout) ? "waits" : "stage_under_way";
};

const stageState = (rollout: Rollout, index: number): string => {
  const record = rollout.stages[index];
  if (record) return `stage_${record.state}`;
  return isOver(rollout) ? "stage_not_reached" : "stage_to_come";
};

const promotion = (rollout: Rollout): string => {
  if (rollout.state === "promoted") return "stage_done";
  if (isOver(rollout)) return "stage_not_reached";
  const { stages } = rollout;
  const isDue =
    stages.length === rollout.plan.stages.length &&
    stages.every((stage) => CLEARED.includes(stage.state)) &&
    ["verified", "staged"].includes(rollout.state);
  return isDue ? "stage_under_way" : "stage_to_come";
};
