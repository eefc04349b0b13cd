import type { components } from "./schema";

type Schemas = components["schemas"];

export type Alert = Schemas["Alert"];
export type AnswerDecision = Schemas["AnswerDecision"];
export type Caller = Schemas["Caller"];
export type Decision = Schemas["Decision"];
export type Delivery = Schemas["Delivery"];
export type Endpoint = Schemas["EndpointRecord"];
export type AuditEvent = Schemas["Event"];
export type PlannedStage = Schemas["PlannedStage"];
export type Problem = Schemas["Problem"];
export type RequestRollback = Schemas["RequestRollback"];
export type RollbackRequest = Schemas["RollbackRequest"];
export type Rollout = Schemas["Rollout"];
export type RunRecord = Schemas["RunRecord"];
export type SignalSeen = Schemas["SignalSeen"];
export type StageRecord = Schemas["StageRecord"];
export type StageSeen = Schemas["StageSeen"];
export type Version = Schemas["Version"];
