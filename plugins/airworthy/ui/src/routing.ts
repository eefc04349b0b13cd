import { useSyncExternalStore } from "react";

/** Where in the console a person is; each place has its own address behind the `#`. */
export type Route =
  | { page: "home" }
  | { page: "rollouts"; model: string }
  | { page: "rollout"; id: string; stage: number | undefined }
  | { page: "models" }
  | { page: "model"; model: string }
  | { page: "version"; model: string; version: string }
  | { page: "unknown"; path: string };

const MOVED = "airworthy:moved";

/** Reads an address as the links of tasks and alerts carry it: `#/rollouts/01ABC?stage=1`. */
export const routeOf = (hash: string): Route => {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?");
  const [first = "", second = "", third = "", ...rest] = path.split("/").map(decoded);
  const asked = new URLSearchParams(query);
  if (rest.length > 0) return { page: "unknown", path };
  if (!first) return { page: "home" };
  if (first === "rollouts" && !second) return { page: "rollouts", model: asked.get("model") ?? "" };
  if (first === "rollouts" && !third) return { page: "rollout", id: second, stage: number(asked.get("stage")) };
  if (first === "models" && !second) return { page: "models" };
  if (first === "models" && !third) return { page: "model", model: second };
  if (first === "models") return { page: "version", model: second, version: third };
  return { page: "unknown", path };
};

/** The path of a place below the `#`, every part escaped. */
export const pathTo = (parts: string[], query: Record<string, string | number> = {}): string => {
  const asked = new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)])).toString();
  return `/${parts.map(encodeURIComponent).join("/")}${asked && `?${asked}`}`;
};

// Airflow's page sets <base href>: a bare `#/x` would resolve against that and leave the page.
export const addressOf = (path: string): string =>
  `${location.pathname}${location.search}#${path}`;

/** Changes the address without a new entry in the history: filters and opened stages. */
export const replace = (path: string): void => {
  history.replaceState(history.state, "", addressOf(path));
  dispatchEvent(new Event(MOVED));
};

/** The present place; follows links, the back button and `replace`. */
export const useRoute = (): Route => {
  const hash = useSyncExternalStore(listen, () => location.hash);
  return routeOf(hash);
};

const listen = (moved: () => void) => {
  const names = ["hashchange", "popstate", MOVED];
  names.forEach((name) => addEventListener(name, moved));
  return () => names.forEach((name) => removeEventListener(name, moved));
};

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

const number = (text: string | null): number | undefined =>
  text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
