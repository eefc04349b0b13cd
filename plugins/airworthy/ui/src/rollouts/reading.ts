import type { Rollout, SignalSeen } from "../api/messages";

const TITLES: Record<SignalSeen["name"], string> = {
  agreement: "Agreement",
  distribution: "Distribution",
  errors: "Errors",
  latency: "Latency",
  quality: "Quality",
  split: "Split",
};

const MEANINGS: Record<SignalSeen["name"], string> = {
  agreement: "share of mirrored requests on which both versions disagree",
  distribution: "distance between the predictions of both versions",
  errors: "share of requests without an answer",
  latency: "share of slow answers",
  quality: "mean loss on labels, candidate minus live",
  split: "share of the requests that reached the candidate",
};

export const signalTitle = (signal: SignalSeen): string => TITLES[signal.name];
export const signalMeaning = (signal: SignalSeen): string => MEANINGS[signal.name];

const IN_PERCENT: SignalSeen["name"][] = ["agreement", "errors", "latency", "split"];

/** A value of a signal with its unit; shares in percent. */
export const measured = (signal: SignalSeen, value: number): string => {
  const isShare = IN_PERCENT.includes(signal.name);
  const shown = Number((isShare ? value * 100 : value).toPrecision(3));
  return `${shown.toString().replace("-", "−")}${isShare ? " %" : ""}`;
};

export const count = (value: number): string => value.toLocaleString("en");

export const percent = (value: number): string => `${Number(value.toFixed(1))} %`;

/** A length of time as people say it: `1 min 20 s`. */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  const parts: [number, string][] = [
    [Math.floor(whole / 3600), "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const said = parts.filter(([amount]) => amount > 0).slice(0, 2);
  return said.map(([amount, unit]) => `${amount} ${unit}`).join(" ") || "0 s";
};

/** What each answer to an undecided stage does, in words. */
export const consequences = (rollout: Rollout): Record<string, string> => {
  const index = rollout.stages.length - 1;
  const next = rollout.plan.stages[index + 1];
  const onward = next
    ? `${rollout.version} goes on to ${next.percent} % of the traffic, although this stage did not prove itself.`
    : `${rollout.version} is promoted, although this stage did not prove itself.`;
  return {
    continue: onward,
    extend: "This stage is watched once more, with the same deadline; without a verdict then, it is rolled back.",
    roll_back: undoing(rollout.stable_version, rollout.version, rollout.endpoint),
  };
};

/** What a rollback does, in words. */
export const undoing = (stable: string, candidate: string, endpoint: string): string =>
  stable
    ? `Version ${stable} gets all traffic again; ${candidate} is taken down.`
    : `${candidate} is taken down, and ${endpoint} answers nobody: there is no version before it.`;

/** The words of a verdict; where it waits for several signals their names, which say the rest. */
export const briefly = (words: string): string => {
  const parts = words.split(" | ");
  if (parts.length === 1) return words;
  const names = parts.map((part) => part.match(/^([a-z]+): /)?.[1] ?? part);
  return `Not decided yet: ${names.join(", ")}.`;
};
