import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { relative } from "../src/components/Time";
import { Home } from "../src/pages/Home";
import { alert, decision, FakeControlPlane, version } from "./fakeControlPlane";

let plane: FakeControlPlane;

beforeEach(() => {
  plane = new FakeControlPlane();
  vi.stubGlobal("fetch", plane.fetch);
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const button = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name });
const reason = () => screen.getByLabelText<HTMLTextAreaElement>(/Reason/);

test("skeletons first, then what is empty says how to get the first one", async () => {
  render(<Home />);
  expect(screen.getAllByRole("status", { name: "Loading" })).toHaveLength(6);
  await screen.findByText("Nothing needs you");
  await screen.findByText(/No version yet/);
  expect(screen.queryByRole("status")).toBeNull();
});

test("an answer needs a reason, carries the digest that was seen, and ends the question", async () => {
  plane.decisions = [decision()];
  render(<Home />);
  await screen.findByText("One decision waits");
  await screen.findByText(/An answer cannot be taken back/);
  expect(button("release").disabled).toBe(true);
  fireEvent.change(reason(), { target: { value: "Checked the report" } });
  fireEvent.click(button("release"));
  await screen.findByText("Nothing needs you");
  expect(plane.answers[0]?.body).toEqual({
    answer: "release",
    reason: "Checked the report",
    subject_digest: "sha256:abcdef0123456789",
  });
  expect(plane.answers[0]?.key).toMatch(/^[0-9a-f]{32}$/);
});

test("who lacks the role sees why, and cannot answer", async () => {
  plane.caller = { authn: "airflow", id: "viewer", kind: "person", roles: ["viewer"] };
  plane.decisions = [decision()];
  render(<Home />);
  await screen.findByText("Needs the role approver; viewer has viewer.");
  expect(reason().disabled).toBe(true);
  expect(button("release").disabled).toBe(true);
});

test("an answer that came too late is said beside the buttons", async () => {
  plane.decisions = [decision()];
  render(<Home />);
  await screen.findByText(/An answer cannot be taken back/);
  plane.decisions = [decision({ state: "answered" })];
  fireEvent.change(reason(), { target: { value: "Late" } });
  fireEvent.change(reason(), { target: { value: "Late answer" } });
  fireEvent.click(button("refuse"));
  await screen.findByText("It was answered before");
});

test("one list that fails leaves the others standing and can be asked again", async () => {
  plane.broken.add("alerts");
  plane.decisions = [decision()];
  render(<Home />);
  const alerts = screen.getByRole("region", { name: "Alerts" });
  await within(alerts).findByText("The database is locked");
  await screen.findByText("Release mortgage 1.0.0?");
  plane.broken.clear();
  plane.alerts = [alert()];
  fireEvent.click(within(alerts).getByRole("button", { name: "Try again" }));
  await within(alerts).findByText("Batch refused");
  expect(within(alerts).getByText("slack: delivered")).toBeTruthy();
  expect(within(alerts).queryByText("slack: not delivered")).toBeNull();
});

test("a version shows intervals and verdicts; what is missing is said and never zero", async () => {
  const run = version().run;
  const common = { kind: "train", partition: "", reason: "", results: {}, version: "1.0.0" };
  const at = new Date().toISOString();
  plane.runs = [{ ...common, model: "mortgage", run, state: "succeeded", updated_at: at }];
  plane.versions = [
    version(),
    version({ gates: [], metrics: [{ name: "mae", value: 3, lower: null, upper: null, samples: null }], version: "0.9.0" }),
  ];
  render(<Home />);
  await screen.findByText("roc_auc 0.7712 (0.72 to 0.81), n = 398");
  expect(screen.getByText("mae 3 (no interval)")).toBeTruthy();
  expect(screen.getByText("auc: pass")).toBeTruthy();
  expect(screen.getByText("succeeded")).toBeTruthy();
  expect(screen.getByText("no data")).toBeTruthy();
});

test("a log-in that ended is told as such", async () => {
  vi.stubGlobal("fetch", async () => Response.json({ detail: "Not authenticated" }, { status: 401 }));
  render(<Home />);
  expect((await screen.findAllByText("You are logged out.")).length).toBeGreaterThan(1);
});

test("times read as people say them", () => {
  const now = Date.UTC(2026, 10, 24, 12);
  expect(relative(now - 5_000, now)).toBe("just now");
  expect(relative(now + 7_300_000, now)).toBe("in 2 hours");
  expect(relative(now - 86_400_000, now)).toBe("yesterday");
});
