import type { components } from "./schema";

type Schemas = components["schemas"];

export type Alert = Schemas["Alert"];
export type AnswerDecision = Schemas["AnswerDecision"];
export type Caller = Schemas["Caller"];
export type Decision = Schemas["Decision"];
export type Delivery = Schemas["Delivery"];
export type Endpoint = Schemas["EndpointRecord"];
export type Problem = Schemas["Problem"];
export type RunRecord = Schemas["RunRecord"];
export type Version = Schemas["Version"];
