import type {
  Alert,
  AuditEvent,
  Caller,
  Decision,
  Endpoint,
  RollbackRequest,
  Rollout,
  RunRecord,
  Version,
} from "../src/api/messages";
import { request } from "./rollouts";

const run = { dag_id: "m_release", map_index: -1, run_id: "r+1", task_id: "ask", try_number: 1 };

export const decision = (over: Partial<Decision> = {}): Decision => ({
  answer: "",
  answered_at: null,
  answered_by: "",
  asked_by: "",
  body: "AUC 0.77 (0.72 to 0.81)",
  deadline: new Date(Date.now() + 3_700_000).toISOString(),
  default: "refuse",
  extensions: 0,
  id: "d1",
  kind: "first_release",
  opened_at: new Date().toISOString(),
  opened_by: "workload",
  options: ["release", "refuse"],
  reason: "",
  roles: ["approver"],
  run,
  state: "open",
  subject: "mortgage 1.0.0",
  subject_digest: "sha256:abcdef0123456789",
  title: "Release mortgage 1.0.0?",
  ...over,
});

export const alert = (over: Partial<Alert> = {}): Alert => ({
  body: "Column income is missing",
  deliveries: [
    { channel: "slack", detail: "timeout", state: "failed" },
    { channel: "slack", detail: "", state: "delivered" },
  ],
  fingerprint: "f",
  id: "a1",
  link: "",
  model: "mortgage",
  raised_at: new Date().toISOString(),
  run,
  severity: "critical",
  title: "Batch refused",
  ...over,
});

export const version = (over: Partial<Version> = {}): Version => ({
  dataset_digest: "sha256:1",
  gates: [{ message: "0.77 >= 0.7", name: "auc", verdict: "pass" }],
  metrics: [{ lower: 0.72, name: "roc_auc", samples: 398, upper: 0.81, value: 0.77123 }],
  mlflow_run_id: "",
  override: null,
  model: "mortgage",
  model_digest: "sha256:2",
  package_digest: "sha256:3",
  package_uri: "file:///x",
  registered_at: new Date().toISOString(),
  release_policy: "auto",
  run,
  signature: "{}",
  spec_digest: "sha256:4",
  spec_uri: "file:///y",
  version: "1.0.0",
  ...over,
});

/** A control plane with state: what is posted changes what is read; `broken` answers 503. */
export class FakeControlPlane {
  caller: Caller = { authn: "airflow", id: "approver", kind: "person", roles: ["viewer", "approver"] };
  decisions: Decision[] = [];
  alerts: Alert[] = [];
  endpoints: Endpoint[] = [];
  runs: RunRecord[] = [];
  versions: Version[] = [];
  rollouts: Rollout[] = [];
  rollbacks: RollbackRequest[] = [];
  events: AuditEvent[] = [];
  broken = new Set<string>();
  answers: { key: string | null; body: Record<string, string> }[] = [];

  readonly fetch = async (input: URL | RequestInfo, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input));
    const path = url.pathname.split("/airworthy/api/v1/")[1] ?? "";
    if ([...this.broken].some((name) => path.startsWith(name))) {
      return problem(503, "The database is locked", "Wait a moment.");
    }
    if (init.method === "POST") return this.change(path, init);
    const found = this.known(path, url.searchParams.get("model"));
    return found === undefined ? problem(404, "There is none", "") : Response.json(found);
  };

  private known(path: string, of: string | null): unknown {
    const wanted = (row: { model: string }) => !of || row.model === of;
    if (path === "whoami") return this.caller;
    if (path === "decisions") return this.decisions.filter((d) => d.state === "open");
    if (path === "alerts") return this.alerts;
    if (path === "endpoints") return this.endpoints;
    if (path === "runs") return this.runs.filter(wanted);
    if (path === "rollouts") return this.rollouts.filter(wanted);
    const [kind, name = "", part] = path.split("/");
    if (kind === "rollouts") {
      return part ? this.events : this.rollouts.find((rollout) => rollout.id === name);
    }
    if (kind === "endpoints") {
      return part ? this.rollbacks : this.endpoints.find((endpoint) => endpoint.name === name);
    }
    if (kind === "models" && path.split("/").length === 4) {
      return this.versions.find((v) => v.model === name && v.version === path.split("/")[3]);
    }
    const model = path.match(/^models\/(.+)\/versions$/)?.[1];
    return this.versions.filter((v) => v.model === decodeURIComponent(model ?? ""));
  }

  private change(path: string, init: RequestInit): Response {
    const body = JSON.parse(String(init.body)) as Record<string, string>;
    this.answers.push({ body, key: new Headers(init.headers).get("Idempotency-Key") });
    return path.endsWith("/rollback") ? this.goBack(body) : this.answer(path);
  }

  private goBack(body: Record<string, string>): Response {
    const open = this.rollouts.find((rollout) => rollout.ended_at === null);
    const live = open ? open.stable_version : this.endpoints[0]?.live_version;
    if (body["live_version"] !== live) return problem(409, `live is ${live}`, "Look again.");
    const asked = request({
      kind: open ? "stop" : "rollback",
      reason: body["reason"] ?? "",
      rollout_id: open?.id ?? "",
      version: (open ? open.stable_version : this.endpoints[0]?.rollback_target) ?? "",
    });
    this.rollbacks = [asked];
    if (open) open.stop = { at: asked.at, by: asked.by, reason: asked.reason, superseded_by: "" };
    return Response.json(asked);
  }

  private answer(path: string): Response {
    const asked = this.decisions.find((d) => path === `decisions/${d.id}/answer`);
    if (!asked) return problem(404, "No such decision", "");
    if (asked.state !== "open") return problem(409, "It was answered before", "Reload.");
    asked.state = "answered";
    return Response.json(asked);
  }
}

const problem = (status: number, detail: string, remedy: string) =>
  Response.json(
    { detail, remedy, status, title: detail, type: "https://airworthy.dev/problems/conflict" },
    { headers: { "Content-Type": "application/problem+json" }, status },
  );
