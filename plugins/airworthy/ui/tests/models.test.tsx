import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { RunRecord } from "../src/api/messages";
import { Console } from "../src/Console";
import { decision, FakeControlPlane, version } from "./fakeControlPlane";
import { violations } from "./looked";
import { endpoint, rollout, watched } from "./rollouts";

let plane: FakeControlPlane;

beforeEach(() => {
  plane = new FakeControlPlane();
  vi.stubGlobal("fetch", plane.fetch);
  location.hash = "#/models";
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const training = (over: Partial<RunRecord> = {}): RunRecord => ({
  kind: "train",
  model: "mortgage",
  partition: "2026-11",
  reason: "",
  results: {},
  run: { ...version().run, dag_id: "mortgage_train" },
  state: "succeeded",
  updated_at: "2026-11-24T09:00:00Z",
  version: "1.1.0",
  ...over,
});

test("no model yet: how to get the first one", async () => {
  const { container } = render(<Console />);
  expect(screen.getByRole("status", { name: "Loading" })).toBeTruthy();
  await screen.findByText(/No model yet/);
  expect(await violations(container)).toEqual([]);
});

test("one line a model: live version, last training, last release, what waits", async () => {
  plane.endpoints = [endpoint()];
  plane.rollouts = [watched(), rollout({ id: "old", opened_at: "2026-01-01T00:00:00Z", version: "1.0.0" })];
  plane.runs = [training(), training({ model: "bikes", state: "refused" })];
  plane.decisions = [decision(), decision({ id: "d2", subject: "mortgage_2 1.0.0" })];
  const { container } = render(<Console />);
  await screen.findByRole("heading", { name: "1 of 2 models are live" });
  const [bikes, mortgage] = screen.getAllByRole("row").slice(1).map((row) => row.textContent ?? "");
  expect(bikes).toContain("nothing live");
  expect(bikes).toContain("refused");
  expect(bikes).toContain("none yet");
  expect(mortgage).toMatch(/live1\.0\.0.*succeeded.*in stages 1\.1\.0.*1: waits for a person/);
  expect(await violations(container)).toEqual([]);
});

test("a list that cannot be read is said once, with what to do", async () => {
  plane.broken.add("endpoints");
  render(<Console />);
  expect((await screen.findByRole("alert")).textContent).toContain("The database is locked");
});

test("the page of a model tells what happened to it, the newest first", async () => {
  location.hash = "#/models/mortgage";
  plane.endpoints = [endpoint()];
  plane.rollouts = [watched({ opened_at: "2026-11-24T10:00:00Z" }), rollout({ id: "x", model: "bikes" })];
  plane.runs = [training()];
  plane.versions = [version({ registered_at: "2026-11-24T09:30:00Z", version: "1.1.0" })];
  const { container } = render(<Console />);
  await screen.findByRole("heading", { name: "mortgage 1.0.0 is live" });
  const line = within(await screen.findByRole("region", { name: "Time line" }));
  await vi.waitFor(() => expect(line.getAllByRole("listitem")).toHaveLength(3));
  const [first, second, third] = line.getAllByRole("listitem").map((item) => item.textContent);
  expect(first).toContain("1.1.0 gets 25 % of the traffic and is watched.");
  expect(second).toContain("version 1.1.0");
  expect(third).toContain("mortgage_train");
  expect(await violations(container)).toEqual([]);
});

test("a version shows gates, intervals, who let it through, and its rollouts", async () => {
  location.hash = "#/models/mortgage/1.1.0";
  plane.rollouts = [watched(), rollout({ id: "x", version: "1.0.0" })];
  plane.versions = [
    version({
      gates: [
        { message: "0.77 >= 0.7", name: "auc", verdict: "pass" },
        { message: "0.74 to 1.02", name: "parity", verdict: "inconclusive" },
      ],
      metrics: [
        { lower: 0.72, name: "roc_auc", samples: 1398, upper: 0.81, value: 0.77123 },
        { lower: null, name: "mae", samples: null, upper: null, value: 3 },
      ],
      override: { at: "2026-11-24T09:00:00Z", by: "approver", decision_id: "d", gates: ["parity"], reason: "Few rows" },
      version: "1.1.0",
    }),
  ];
  const { container } = render(<Console />);
  await screen.findByRole("heading", { name: "mortgage 1.1.0: 1 of 2 gates did not pass, and people let it through" });
  expect(screen.getByText("Let through by approver")).toBeTruthy();
  const rows = within(screen.getByRole("region", { name: "Table of metrics" })).getAllByRole("row");
  expect(rows[1]?.textContent).toBe("roc_auc0.77120.72 to 0.811,398");
  expect(rows[2]?.textContent).toBe("mae3no intervalnot said");
  const released = await screen.findByRole("region", { name: "Table of rollouts" });
  expect(within(released).getAllByRole("row")).toHaveLength(2);
  expect(await violations(container)).toEqual([]);
});

test("a version that is not there is said", async () => {
  location.hash = "#/models/mortgage/9.9.9";
  render(<Console />);
  await screen.findByText("There is none");
  await screen.findByText("It was in no rollout yet.");
});

test("the page of a model: skeletons, then how each part of it begins", async () => {
  location.hash = "#/models/mortgage";
  const { container } = render(<Console />);
  expect(screen.getAllByRole("status", { name: "Loading" })).toHaveLength(4);
  await screen.findByRole("heading", { name: "mortgage: nothing is live" });
  await screen.findByText("Nothing happened to it yet: trigger its training.");
  await screen.findByText(/No version yet: what passes its gates/);
  expect(screen.queryByRole("status", { name: "Loading" })).toBeNull();
  expect(await violations(container)).toEqual([]);
});

test("one part of a model that fails leaves the others standing, and can be asked again", async () => {
  plane.versions = [version()];
  plane.broken.add("rollouts");
  location.hash = "#/models/mortgage";
  render(<Console />);
  await screen.findByRole("region", { name: "Table of versions" });
  expect((await screen.findAllByRole("alert"))[0]?.textContent).toContain("The database is locked");
  plane.broken.clear();
  screen.getAllByRole("button", { name: "Try again" }).forEach((button) => button.click());
  await screen.findByText(/No rollout yet/);
});

test("the page of a version: skeletons, then what cannot be read is said", async () => {
  plane.broken.add("models");
  location.hash = "#/models/mortgage/1.1.0";
  render(<Console />);
  expect(screen.getAllByRole("status", { name: "Loading" }).length).toBeGreaterThan(0);
  expect((await screen.findByRole("alert")).textContent).toContain("The database is locked");
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("mortgage 1.1.0");
  await screen.findByText("It was in no rollout yet.");
});
