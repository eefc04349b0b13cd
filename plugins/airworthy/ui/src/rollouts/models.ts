import type { Decision, Endpoint, Rollout, RunRecord, Version } from "../api/messages";

/** What is known of one model, on one line. */
export type ModelRow = {
  model: string;
  endpoint: Endpoint | undefined;
  training: RunRecord | undefined;
  release: Rollout | undefined;
  waiting: number;
};

export const isOfModel = (decision: Decision, model: string): boolean =>
  decision.subject.split(" ")[0] === model;

const newest = (runs: RunRecord[]): RunRecord | undefined =>
  [...runs].sort((one, other) => other.updated_at.localeCompare(one.updated_at))[0];

const latest = (rollouts: Rollout[]): Rollout | undefined =>
  [...rollouts].sort((one, other) => other.opened_at.localeCompare(one.opened_at))[0];

/** One row a model, by name, of all that was read. */
export const rowsOf = (
  runs: RunRecord[],
  endpoints: Endpoint[],
  rollouts: Rollout[],
  decisions: Decision[],
): ModelRow[] =>
  [...new Set([...runs, ...endpoints, ...rollouts].map((known) => known.model))].sort().map((model) => ({
    endpoint: endpoints.find((endpoint) => endpoint.model === model),
    model,
    release: latest(rollouts.filter((rollout) => rollout.model === model)),
    training: newest(runs.filter((run) => run.model === model && run.kind === "train")),
    waiting: decisions.filter((decision) => isOfModel(decision, model)).length,
  }));

/** One thing that happened to a model. */
export type Mark =
  | { at: string; kind: "version"; version: Version }
  | { at: string; kind: "rollout"; rollout: Rollout }
  | { at: string; kind: "run"; record: RunRecord };

/** What happened to a model, the newest first. */
export const timeLine = (versions: Version[], rollouts: Rollout[], runs: RunRecord[]): Mark[] =>
  [
    ...versions.map((version): Mark => ({ at: version.registered_at, kind: "version", version })),
    ...rollouts.map((rollout): Mark => ({ at: rollout.ended_at ?? rollout.opened_at, kind: "rollout", rollout })),
    ...runs.map((record): Mark => ({ at: record.updated_at, kind: "run", record })),
  ].sort((one, other) => other.at.localeCompare(one.at));
