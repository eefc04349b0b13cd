import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { StageRecord, StageSeen } from "../src/api/messages";
import { Console } from "../src/Console";
import { decision, FakeControlPlane } from "./fakeControlPlane";
import { violations } from "./looked";
import { endpoint, event, request, rollout, seen, signal, stage, watched } from "./rollouts";

let plane: FakeControlPlane;

beforeEach(() => {
  plane = new FakeControlPlane();
  plane.endpoints = [endpoint()];
  vi.stubGlobal("fetch", plane.fetch);
  location.hash = "#/rollouts/01ROLLOUT";
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const button = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name });
const stops = () => screen.getByRole("list", { name: "Stages" });

test("an unknown rollout is said, and can be asked for again", async () => {
  const { container } = render(<Console />);
  expect(screen.getByRole("status", { name: "Loading" })).toBeTruthy();
  await screen.findByText("There is none");
  expect(await violations(container)).toEqual([]);
  plane.rollouts = [rollout()];
  fireEvent.click(button("Try again"));
  await screen.findByRole("heading", { name: "1.1.0 is being started beside 1.0.0, without traffic." });
});

test("the present stage is open: split, watch, requests, signal with its interval", async () => {
  plane.rollouts = [watched()];
  plane.events = [event()];
  const { container } = render(<Console />);
  await screen.findByRole("heading", { name: "1.1.0 gets 25 % of the traffic and is watched." });
  const panel = within(screen.getByRole("region", { name: "Stage 25 %" }));
  expect(panel.getByText("24.6 % (412 of 1,673 requests)")).toBeTruthy();
  expect(panel.getByText("1 min 20 s")).toBeTruthy();
  expect(panel.getByText("of 500 needed")).toBeTruthy();
  expect(panel.getByText("1,261")).toBeTruthy();
  expect(panel.getByRole("img", { name: "0.3 % (−0.4 % to 1.1 %), limit 2 %" })).toBeTruthy();
  expect(panel.getByText("412 of 500 needed")).toBeTruthy();
  await screen.findByText("stage_5: no harm seen");
  expect(screen.getByText("task stage_5.verdict")).toBeTruthy();
  expect(await violations(container)).toEqual([]);
});

test.each([
  ["applied", "moving traffic"],
  ["observed", "watched"],
  ["undecided", "waits for a person"],
  ["extended", "watched once more"],
  ["passed", "passed"],
  ["accepted", "accepted by people"],
  ["failed", "failed"],
  ["abandoned", "abandoned"],
] satisfies [StageRecord["state"], string][])("a stage that is %s says: %s", async (state, words) => {
  plane.rollouts = [watched({ stages: [stage(0, { state, seen: null })] })];
  const { container } = render(<Console />);
  await screen.findByText("Nothing was seen of it yet.");
  const shadow = within(stops()).getByRole("button", { name: new RegExp(`Shadow.*${words}`) });
  expect(shadow.closest("li")?.querySelector("svg")).toBeTruthy();
  expect(within(stops()).getAllByText("to come").length).toBeGreaterThanOrEqual(3);
  expect(screen.getByText("no request yet")).toBeTruthy();
  expect(await violations(container)).toEqual([]);
});

test.each([
  ["pass", "pass"],
  ["fail", "fail"],
  ["inconclusive", "inconclusive"],
  ["no_data", "no data"],
  ["error", "error"],
] satisfies [StageSeen["verdict"], string][])("the verdict %s has icon and words", async (verdict, words) => {
  const looked = seen({ signals: [signal({ lower: null, upper: null, value: null, verdict })], verdict });
  plane.rollouts = [watched({ stages: [stage(0, { seen: looked, state: "observed" })] })];
  render(<Console />);
  const verdicts = within(await screen.findByRole("list", { name: "Signals" }));
  expect(verdicts.getByText(words).querySelector("svg")).toBeTruthy();
  expect(verdicts.getByText("not measured")).toBeTruthy();
  expect(screen.getByText(`verdict: ${words}`)).toBeTruthy();
});

test("an earlier stage opens, has its own address, and closes by the back of the track", async () => {
  plane.rollouts = [watched({ stages: [stage(0, { reason: "agreed on 97 %" }), stage(1), stage(2, { state: "observed" })] })];
  render(<Console />);
  fireEvent.click(await screen.findByRole("button", { name: /Shadow/ }));
  expect(screen.getByRole("region", { name: "Shadow" }).textContent).toContain("agreed on 97 %");
  expect(location.hash).toBe("#/rollouts/01ROLLOUT?stage=0");
  expect(button("Shadow passed 100 % mirrored").getAttribute("aria-pressed")).toBe("true");
});

test("an undecided stage shows each answer in words, and takes one", async () => {
  plane.rollouts = [watched({ stages: [stage(0), stage(1, { state: "undecided" })] })];
  plane.decisions = [
    decision({ default: "roll_back", kind: "stage", options: ["continue", "extend", "roll_back"], title: "Stage 5 %?" }),
    decision({ id: "other", run: { ...rollout().run, run_id: "another" }, title: "Something else?" }),
  ];
  render(<Console />);
  await screen.findByText("Stage 5 %?");
  expect(screen.queryByText("Something else?")).toBeNull();
  expect(screen.getByText(/goes on to 25 % of the traffic/)).toBeTruthy();
  expect(screen.getByText("Version 1.0.0 gets all traffic again; 1.1.0 is taken down.", { selector: "dd" })).toBeTruthy();
  fireEvent.change(screen.getByLabelText(/Reason/), { target: { value: "Seen enough" } });
  fireEvent.click(button("continue"));
  await vi.waitFor(() => expect(plane.answers[0]?.body["answer"]).toBe("continue"));
});

test("rolling back says what happens, wants a reason, and shows how far it is", async () => {
  plane.rollouts = [watched()];
  const { container } = render(<Console />);
  await vi.waitFor(() => expect(button("Roll back").disabled).toBe(false));
  fireEvent.click(button("Roll back"));
  const form = within(screen.getByRole("form", { name: "Roll back" }));
  expect(form.getByText("Version 1.0.0 gets all traffic again; 1.1.0 is taken down.")).toBeTruthy();
  const confirm = button("Roll back to 1.0.0");
  expect(confirm.disabled).toBe(true);
  fireEvent.change(form.getByLabelText(/Reason/), { target: { value: "Complaints" } });
  expect(await violations(container)).toEqual([]);
  fireEvent.click(confirm);
  await screen.findByText("Going back to 1.0.0");
  expect(plane.answers[0]?.body).toEqual({ live_version: "1.0.0", reason: "Complaints" });
  expect(screen.queryByRole("button", { name: "Roll back" })).toBeNull();
});

test("who lacks the role cannot roll back, and reads why", async () => {
  plane.caller = { authn: "airflow", id: "viewer", kind: "person", roles: ["viewer"] };
  plane.rollouts = [watched()];
  render(<Console />);
  await screen.findByText("Needs the role operator or approver or admin; viewer has viewer.");
  expect(button("Roll back").disabled).toBe(true);
});

test("a refused rollback is said beside its button", async () => {
  plane.rollouts = [watched()];
  render(<Console />);
  await vi.waitFor(() => expect(button("Roll back").disabled).toBe(false));
  fireEvent.click(button("Roll back"));
  plane.broken.add("endpoints/mortgage/rollback");
  fireEvent.change(screen.getByLabelText(/Reason/), { target: { value: "Complaints" } });
  fireEvent.click(button("Roll back to 1.0.0"));
  expect((await within(screen.getByRole("form")).findByRole("alert")).textContent).toContain("The database is locked");
});

const ENDED = "2026-11-24T10:00:00Z";

test("a promoted version that is live can be left for the one before it", async () => {
  const stages = [0, 1, 2, 3].map((index) => stage(index, index === 3 ? { state: "accepted" } : {}));
  plane.rollouts = [rollout({ ended_at: ENDED, stages, state: "promoted" })];
  plane.endpoints = [endpoint({ live_version: "1.1.0", owner: "", rollback_target: "1.0.0" })];
  render(<Console />);
  await screen.findByRole("heading", {
    name: "1.1.0 cleared 4 stages, 1 of them by people, and is live in place of 1.0.0.",
  });
  await vi.waitFor(() => expect(button("Roll back").disabled).toBe(false));
  fireEvent.click(button("Roll back"));
  fireEvent.change(screen.getByLabelText(/Reason/), { target: { value: "Complaints" } });
  fireEvent.click(button("Roll back to 1.0.0"));
  await screen.findByText("Asked; its release begins in some seconds.");
  expect(plane.answers[0]?.body["live_version"]).toBe("1.1.0");
});

test("without a version to go back to, the button says so", async () => {
  plane.rollouts = [rollout({ ended_at: ENDED, stages: [stage(0)], state: "promoted" })];
  plane.endpoints = [endpoint({ live_version: "1.1.0", rollback_target: "" })];
  render(<Console />);
  await screen.findByText("No version that was live and healthy before 1.1.0 is known.");
  expect(button("Roll back").disabled).toBe(true);
});

test("a rollback that a release carries out leads to it", async () => {
  plane.rollouts = [rollout({ ended_at: ENDED, stages: [stage(0)], state: "promoted" })];
  plane.endpoints = [endpoint({ live_version: "1.1.0" })];
  plane.rollbacks = [request({ kind: "rollback", rollout_id: "01BACK" })];
  render(<Console />);
  const link = await screen.findByRole<HTMLAnchorElement>("link", { name: "the rollout that carries it out" });
  expect(link.href).toContain("#/rollouts/01BACK");
});

test("a finished rollout reads like a story, and is not asked for any more", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const failed = stage(1, {
    ended_at: ENDED,
    reason: "errors: 31 of 152 requests failed",
    seen: seen({ candidate_requests: 152, observed_percent: 5.2, signals: [], verdict: "fail" }),
    state: "failed",
  });
  plane.rollouts = [
    rollout({ ended_at: ENDED, reason: "errors: 31 of 152 requests failed", stages: [stage(0), failed], state: "rolled_back" }),
  ];
  const asked: string[] = [];
  vi.stubGlobal("fetch", (path: URL, init: RequestInit) => {
    asked.push(path.pathname);
    return plane.fetch(path, init);
  });
  const { container } = render(<Console />);
  await screen.findByRole("heading", {
    name: "1.1.0 was rolled back at 5 %: errors: 31 of 152 requests failed. 1.0.0 has all the traffic.",
  });
  const rows = within(screen.getByRole("region", { name: "Stages, one by one" })).getAllByRole("row");
  expect(rows).toHaveLength(3);
  expect(rows[2]?.textContent).toContain("5 %5.2 %152 / 1,2611 min 20 s");
  expect(within(stops()).getAllByText("not reached")).toHaveLength(3);
  expect(screen.queryByRole("button", { name: "Roll back" })).toBeNull();
  const times = () => asked.filter((path) => path.endsWith("/rollouts/01ROLLOUT")).length;
  const before = times();
  await act(() => vi.advanceTimersByTimeAsync(9_000));
  expect(times()).toBe(before);
  vi.useRealTimers();
  expect(await violations(container)).toEqual([]);
});
