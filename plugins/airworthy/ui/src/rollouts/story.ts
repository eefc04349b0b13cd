import type { Rollout } from "../api/messages";
import { isOver, present, stageName, waitsForPerson } from "./progress";

const KINDS: Record<Rollout["plan"]["kind"], string> = {
  canary: "canary beside the live version",
  first: "first release",
  rollback: "rollback",
};

export const kindInWords = (rollout: Rollout): string => KINDS[rollout.plan.kind];

/** One sentence: how it stands, or how it ended. */
export const headline = (rollout: Rollout): string =>
  isOver(rollout) ? ended(rollout) : underWay(rollout);

const sentence = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);

const because = (rollout: Rollout): string => (rollout.reason ? `: ${sentence(rollout.reason)}` : ".");

const lastStage = (rollout: Rollout): string => {
  const stage = rollout.plan.stages[rollout.stages.length - 1];
  if (!stage) return "before it had any traffic";
  return stage.kind === "shadow" ? "in the shadow" : `at ${stageName(stage)}`;
};

const left = (rollout: Rollout): string =>
  rollout.stable_version ? ` ${rollout.stable_version} has all the traffic.` : " Nothing is served.";

const ended = (rollout: Rollout): string => {
  const { version, state, stages } = rollout;
  if (state === "promoted") return promoted(rollout);
  if (state === "refused") return `${version} was refused before it had any traffic${because(rollout)}`;
  if (state === "superseded") {
    const by = rollout.stop?.superseded_by;
    return `${version} gave way ${lastStage(rollout)}${by ? ` to the newer ${by}` : ""}.${left(rollout)}`;
  }
  const verb = { failed: "broke off", stopped: "was stopped" }[state as string] ?? "was rolled back";
  const where = stages.length === 0 && state === "failed" ? "before its first stage" : lastStage(rollout);
  return `${version} ${verb} ${where}${because(rollout)}${left(rollout)}`;
};

const promoted = ({ version, stable_version: before, plan, stages }: Rollout): string => {
  if (plan.kind === "rollback") return `${version} is live again, in place of ${before}.`;
  const byPeople = stages.filter((stage) => stage.state === "accepted").length;
  const count = `${stages.length} ${stages.length === 1 ? "stage" : "stages"}`;
  const how = byPeople ? `cleared ${count}, ${byPeople} of them by people,` : `passed ${count}`;
  return `${version} ${how} and is live${before ? ` in place of ${before}` : ", the first one"}.`;
};

const underWay = (rollout: Rollout): string => {
  const { version, stable_version: stable, state, stop } = rollout;
  if (stop) return `${stop.by} wants it to stop: ${sentence(stop.reason)} The release ends it now.`;
  if (waitsForPerson(rollout) && state === "opened") {
    return `${version} waits for approval; nothing is deployed yet.`;
  }
  const beside = stable ? ` beside ${stable}` : "";
  if (state === "opened" || state === "approved") return `${version} is being started${beside}, without traffic.`;
  if (state === "dark") return `${version} is up without traffic and is asked its test questions.`;
  if (state === "verified") return `${version} answered its test questions; the traffic comes next.`;
  return atStage(rollout);
};

const atStage = (rollout: Rollout): string => {
  const record = present(rollout);
  const stage = record && rollout.plan.stages[record.index];
  if (!record || !stage) return `${rollout.version} is about to begin its first stage.`;
  const share = stage.kind === "shadow" ? "a copy of the requests" : `${stage.percent} % of the traffic`;
  const isLast = record.index === rollout.plan.stages.length - 1;
  const words: Record<string, string> = {
    accepted: `People let ${rollout.version} pass ${stageName(stage)}; ${isLast ? "promotion" : "the next stage"} comes next.`,
    applied: `${rollout.version} is about to get ${share}.`,
    extended: `${rollout.version} gets ${share} and is watched once more.`,
    failed: `${rollout.version} failed at ${stageName(stage)}; the live version is brought back.`,
    observed: `${rollout.version} gets ${share} and is watched.`,
    passed: `${rollout.version} passed ${stageName(stage)}; ${isLast ? "promotion" : "the next stage"} comes next.`,
    undecided: `${rollout.version} got ${share}, and the evidence does not decide. A person has to.`,
  };
  return words[record.state] ?? `${rollout.version} is ${record.state} at ${stageName(stage)}.`;
};
