import type { Problem } from "./messages";

/** A request that failed, in words a person can act on. */
export class Failure extends Error {
  constructor(
    message: string,
    readonly remedy = "",
  ) {
    super(message);
  }
}

// Airflow may run below a prefix: its page sets <base href>, so addresses resolve against it.
const address = (path: string) => new URL(`airworthy/api/v1/${path}`, document.baseURI);

export const read = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await send(path, signal ? { signal } : {})).json() as Promise<T>;

/** Sends a change. The key is made once by the caller, so that a repeated click is one change. */
export const write = async <T>(path: string, body: unknown, key: string): Promise<T> => {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  const answer = await send(path, { body: JSON.stringify(body), headers, method: "POST" });
  return answer.json() as Promise<T>;
};

/** `crypto.randomUUID` exists on secure origins only; Airflow is often plain HTTP inside a network. */
export const freshKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

const send = async (path: string, init: RequestInit): Promise<Response> => {
  const answer = await fetch(address(path), { credentials: "same-origin", ...init }).catch(
    (lost: unknown) => {
      if (lost instanceof DOMException && lost.name === "AbortError") throw lost;
      throw new Failure("The control plane does not answer.", "Is the API server running?");
    },
  );
  if (!answer.ok) throw await failure(answer);
  // Airflow answers an unknown address with its own page and status 200.
  if (!(answer.headers.get("Content-Type") ?? "").includes("json")) {
    throw new Failure("The control plane is not at its address.", "Is the plugin loaded?");
  }
  return answer;
};

const failure = async (answer: Response): Promise<Failure> => {
  const problem = (await answer.json().catch(() => ({}))) as Partial<Problem>;
  if (answer.status === 401) return new Failure("You are logged out.", "Log in again.");
  const words = String(problem.detail || problem.title || `Status ${answer.status}`);
  return new Failure(words, problem.remedy);
};
