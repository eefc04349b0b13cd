import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { axisOf, inWords } from "../src/components/IntervalBar";
import { Console } from "../src/Console";
import { briefly, duration } from "../src/rollouts/reading";
import { headline } from "../src/rollouts/story";
import { pathTo, routeOf } from "../src/routing";
import { FakeControlPlane } from "./fakeControlPlane";
import { violations } from "./looked";
import { rollout, signal, stage, watched } from "./rollouts";

let plane: FakeControlPlane;

beforeEach(() => {
  plane = new FakeControlPlane();
  vi.stubGlobal("fetch", plane.fetch);
  location.hash = "#/rollouts";
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const lines = () =>
  screen.getAllByRole("row").slice(1).map((row) => within(row).getByRole("link").textContent);

test("skeletons, then how to get the first rollout", async () => {
  const { container } = render(<Console />);
  expect(screen.getByRole("status", { name: "Loading" })).toBeTruthy();
  await screen.findByText(/No rollout yet/);
  expect(screen.getByRole("heading", { name: "No rollout is under way" })).toBeTruthy();
  expect(await violations(container)).toEqual([]);
});

test("a list that fails says so and can be asked again", async () => {
  plane.broken.add("rollouts");
  render(<Console />);
  await screen.findByText("The database is locked");
  plane.broken.clear();
  plane.rollouts = [watched()];
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByText("25 % (3 of 4)");
});

test("open ones stand first; one model alone on wish, and its address says so", async () => {
  const ended = { ended_at: "2026-11-24T10:00:00Z", state: "promoted" as const, stages: [stage(0)] };
  plane.rollouts = [
    rollout({ ...ended, id: "new", opened_at: "2026-11-24T11:00:00Z", version: "2.0.0" }),
    watched({ id: "old", opened_at: "2026-11-23T11:00:00Z" }),
    rollout({ approval_required: true, id: "bikes", model: "bikes", opened_at: "2026-11-22T11:00:00Z" }),
  ];
  const { container } = render(<Console />);
  await screen.findByRole("heading", { name: "2 rollouts are under way, 1 waiting for a person" });
  expect(lines()).toEqual(["mortgage 1.1.0", "bikes 1.1.0", "mortgage 2.0.0"]);
  expect(screen.getByText("waits for a person")).toBeTruthy();
  fireEvent.change(screen.getByLabelText("Model"), { target: { value: "bikes" } });
  await vi.waitFor(() => expect(lines()).toEqual(["bikes 1.1.0"]));
  expect(location.hash).toBe("#/rollouts?model=bikes");
  expect(await violations(container)).toEqual([]);
});

test("what is under the pointer stays where it is until the pointer leaves", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  plane.rollouts = [watched({ id: "a", opened_at: "2026-11-23T11:00:00Z" })];
  render(<Console />);
  await screen.findByText("25 % (3 of 4)");
  const table = screen.getByRole("region", { name: "Table of rollouts" });
  fireEvent.pointerEnter(table);
  plane.rollouts = [
    rollout({ id: "b", model: "bikes", opened_at: "2026-11-24T11:00:00Z" }),
    { ...plane.rollouts[0]!, stop: { at: "", by: "operator", reason: "Complaints", superseded_by: "" } },
  ];
  await act(() => vi.advanceTimersByTimeAsync(2_100));
  expect(lines()).toEqual(["mortgage 1.1.0"]);
  expect(screen.getByText("stopping")).toBeTruthy();
  expect(screen.getByText(/1 more when the pointer has left/)).toBeTruthy();
  fireEvent.pointerLeave(table);
  expect(lines()).toEqual(["bikes 1.1.0", "mortgage 1.1.0"]);
});

test("addresses of links are read, and the odd ones lead to a page that says so", async () => {
  expect(routeOf("#/rollouts/01ABC?stage=1")).toEqual({ id: "01ABC", page: "rollout", stage: 1 });
  expect(routeOf(`#${pathTo(["models", "a/b", "1.0.0"])}`)).toEqual({ model: "a/b", page: "version", version: "1.0.0" });
  expect(routeOf("")).toEqual({ page: "home" });
  expect(routeOf("#/rollouts/%E0%A4%A")).toEqual({ id: "%E0%A4%A", page: "rollout", stage: undefined });
  location.hash = "#/nowhere";
  render(<Console />);
  await screen.findByRole("heading", { name: "There is no such page" });
  act(() => {
    location.hash = "#/rollouts";
    dispatchEvent(new HashChangeEvent("hashchange"));
  });
  await screen.findByText(/No rollout yet/);
});

test.each([
  ["opened", { approval_required: true }, "1.1.0 waits for approval; nothing is deployed yet."],
  ["verified", {}, "1.1.0 answered its test questions; the traffic comes next."],
  ["refused", { reason: "no approval" }, "1.1.0 was refused before it had any traffic: no approval."],
  ["failed", { reason: "not ready" }, "1.1.0 broke off before its first stage: not ready. 1.0.0 has all the traffic."],
  ["stopped", { stable_version: "" }, "1.1.0 was stopped before it had any traffic. Nothing is served."],
] satisfies [string, object, string][])("%s reads as one sentence", (state, over, words) => {
  expect(headline(rollout({ state: state as "opened", ...over }))).toBe(words);
});

test("a superseded rollout names what took its place, a rollback what is live again", () => {
  const stop = { at: "", by: "workload", reason: "newer", superseded_by: "1.2.0" };
  expect(headline(rollout({ stages: [stage(0)], state: "superseded", stop }))).toBe(
    "1.1.0 gave way in the shadow to the newer 1.2.0. 1.0.0 has all the traffic.",
  );
  const back = { ...rollout().plan, kind: "rollback" as const, stages: [] };
  expect(headline(rollout({ plan: back, stable_version: "1.2.0", state: "promoted" }))).toBe(
    "1.1.0 is live again, in place of 1.2.0.",
  );
});

test("a bar holds value, interval, limit and zero; what is missing is said", () => {
  const axis = axisOf(signal())!;
  expect(axis.from).toBeLessThan(-0.004);
  expect(axis.to).toBeGreaterThan(0.02);
  expect(axisOf(signal({ value: null }))).toBeUndefined();
  expect(inWords(signal({ lower: null, upper: null }))).toBe("0.3 % (no interval), limit 2 %");
  expect(inWords(signal({ limit: null, lower: null, name: "quality", value: 0.0312 }))).toBe(
    "0.0312 (no lower bound to 0.011)",
  );
});

test("lengths of time read as people say them", () => {
  expect([0, 59.6, 80, 3_725, 86_400].map(duration)).toEqual(["0 s", "1 min", "1 min 20 s", "1 h 2 min", "24 h"]);
});

test("a verdict that waits for several signals names them; one reason stands as it is", () => {
  expect(briefly("errors: no harm seen | quality: 80 of 100 labels | watched 12 of 30 s")).toBe(
    "Not decided yet: errors, quality, watched 12 of 30 s.",
  );
  expect(briefly("errors: harm: 31 of 152")).toBe("errors: harm: 31 of 152");
});
