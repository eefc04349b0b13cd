import type { AuditEvent, Endpoint, RollbackRequest, Rollout, SignalSeen, StageRecord, StageSeen } from "../src/api/messages";

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

export const signal = (over: Partial<SignalSeen> = {}): SignalSeen => ({
  limit: 0.02,
  lower: -0.004,
  name: "errors",
  needed: 500,
  samples: 412,
  upper: 0.011,
  value: 0.003,
  verdict: "inconclusive",
  words: "no harm seen; 412 of 500 requests",
  ...over,
});

export const seen = (over: Partial<StageSeen> = {}): StageSeen => ({
  candidate_requests: 412,
  observed_percent: 24.63,
  seconds: 80,
  signals: [signal()],
  stable_requests: 1261,
  verdict: "inconclusive",
  words: "no harm seen; too few requests yet",
  ...over,
});

export const stage = (index: number, over: Partial<StageRecord> = {}): StageRecord => ({
  began_at: ago(100 - index),
  decision_id: "",
  ended_at: null,
  index,
  reason: "",
  revision: index + 3,
  seen: seen(),
  state: "passed",
  ...over,
});

const planned = (percent: number, kind: "shadow" | "canary" = "canary") => ({
  deadline_seconds: 3600,
  kind,
  min_requests: 500,
  min_seconds: 30,
  percent,
});

export const rollout = (over: Partial<Rollout> = {}): Rollout => ({
  approval_required: false,
  decision_id: "",
  ended_at: null,
  endpoint: "mortgage",
  fencing_token: 2,
  id: "01ROLLOUT",
  is_first_release: false,
  model: "mortgage",
  opened_at: ago(300),
  plan: {
    false_alarms: 0.01,
    kind: "canary",
    newer_version: "supersede",
    serving: {
      autoscaling: null,
      canary_replicas: null,
      cpu: "100m",
      cpu_limit: "1",
      max_unavailable: null,
      memory: "256Mi",
      memory_limit: "1Gi",
      replicas: 1,
    },
    signals: {} as Rollout["plan"]["signals"],
    stages: [planned(100, "shadow"), planned(5), planned(25), planned(100)],
    task: "classification",
    undecided_roles: ["approver"],
    undecided_seconds: 86_400,
  },
  plan_digest: "sha256:0123456789abcdef",
  reason: "",
  rollback_id: "",
  run: { dag_id: "m_release", map_index: -1, run_id: "r+1", task_id: "open_rollout", try_number: 1 },
  stable_version: "1.0.0",
  stages: [],
  state: "opened",
  stop: null,
  version: "1.1.0",
  ...over,
});

/** At 25 %, watched; the stages before it passed. */
export const watched = (over: Partial<Rollout> = {}): Rollout =>
  rollout({ stages: [stage(0), stage(1), stage(2, { state: "observed" })], state: "staged", ...over });

export const endpoint = (over: Partial<Endpoint> = {}): Endpoint => ({
  fencing_token: 2,
  live_version: "1.0.0",
  model: "mortgage",
  name: "mortgage",
  owner: "01ROLLOUT",
  revision: 5,
  rollback_target: "0.9.0",
  variants: [],
  ...over,
});

export const request = (over: Partial<RollbackRequest> = {}): RollbackRequest => ({
  at: ago(3),
  by: "operator",
  closed_at: null,
  endpoint: "mortgage",
  from_version: "1.1.0",
  id: "b1",
  kind: "stop",
  model: "mortgage",
  reason: "Complaints from the branches",
  rollout_id: "01ROLLOUT",
  version: "1.0.0",
  ...over,
});

export const event = (over: Partial<AuditEvent> = {}): AuditEvent => ({
  action: "rollout.stage_passed",
  actor: "m_release/r+1/stage_5.verdict/1",
  actor_kind: "workload",
  at: ago(20),
  authn: "corroborated",
  id: "e1",
  object_digest: "",
  object_id: "01ROLLOUT",
  object_type: "rollout",
  outcome: "ok",
  reason: "stage_5: no harm seen",
  request_id: "q1",
  ...over,
});
