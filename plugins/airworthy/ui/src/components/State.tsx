import { Icon, type IconName } from "./Icon";

export type Tone = "good" | "bad" | "waiting" | "busy" | "none";
type Look = { icon: IconName; words: string; tone: Tone };

// One look for each state, everywhere: colour, icon and words, so that colour is never alone.
const LOOKS: Record<string, Look> = {
  pass: { icon: "check", words: "pass", tone: "good" },
  fail: { icon: "cross", words: "fail", tone: "bad" },
  inconclusive: { icon: "approx", words: "inconclusive", tone: "waiting" },
  no_data: { icon: "none", words: "no data", tone: "none" },
  error: { icon: "bang", words: "error", tone: "bad" },
  open: { icon: "question", words: "open", tone: "waiting" },
  delivered: { icon: "check", words: "delivered", tone: "good" },
  pending: { icon: "dots", words: "pending", tone: "waiting" },
  failed: { icon: "cross", words: "not delivered", tone: "bad" },
  not_configured: { icon: "none", words: "not configured", tone: "none" },
  run_running: { icon: "dots", words: "running", tone: "busy" },
  run_succeeded: { icon: "check", words: "succeeded", tone: "good" },
  run_stopped: { icon: "square", words: "stopped", tone: "bad" },
  run_refused: { icon: "cross", words: "refused", tone: "bad" },
  run_failed: { icon: "bang", words: "failed", tone: "bad" },
  critical: { icon: "bang", words: "critical", tone: "bad" },
  warning: { icon: "triangle", words: "warning", tone: "waiting" },
  info: { icon: "info", words: "info", tone: "none" },
  registered: { icon: "info", words: "registered", tone: "none" },
  overridden: { icon: "people", words: "let through by people", tone: "waiting" },
  live: { icon: "dot", words: "live", tone: "good" },
  empty: { icon: "none", words: "nothing live", tone: "none" },
  waits: { icon: "question", words: "waits for a person", tone: "waiting" },
  stopping: { icon: "square", words: "stopping", tone: "waiting" },
  rollout_opened: { icon: "ring", words: "opened", tone: "busy" },
  rollout_approved: { icon: "dots", words: "starting", tone: "busy" },
  rollout_dark: { icon: "eye", words: "up, no traffic", tone: "busy" },
  rollout_verified: { icon: "eye", words: "smoke-tested", tone: "busy" },
  rollout_staged: { icon: "eye", words: "in stages", tone: "busy" },
  rollout_promoted: { icon: "check", words: "promoted", tone: "good" },
  rollout_refused: { icon: "cross", words: "refused", tone: "bad" },
  rollout_rolled_back: { icon: "back", words: "rolled back", tone: "bad" },
  rollout_failed: { icon: "bang", words: "failed", tone: "bad" },
  rollout_superseded: { icon: "dash", words: "superseded", tone: "none" },
  rollout_stopped: { icon: "square", words: "stopped", tone: "bad" },
  stage_to_come: { icon: "ring", words: "to come", tone: "none" },
  stage_under_way: { icon: "dots", words: "under way", tone: "busy" },
  stage_done: { icon: "check", words: "done", tone: "good" },
  stage_not_reached: { icon: "dash", words: "not reached", tone: "none" },
  stage_applied: { icon: "dots", words: "moving traffic", tone: "busy" },
  stage_observed: { icon: "eye", words: "watched", tone: "busy" },
  stage_undecided: { icon: "question", words: "waits for a person", tone: "waiting" },
  stage_extended: { icon: "eye", words: "watched once more", tone: "busy" },
  stage_passed: { icon: "check", words: "passed", tone: "good" },
  stage_accepted: { icon: "people", words: "accepted by people", tone: "good" },
  stage_failed: { icon: "cross", words: "failed", tone: "bad" },
  stage_abandoned: { icon: "dash", words: "abandoned", tone: "none" },
};

/** How a state looks; an unknown one is its own name, without colour. */
export const lookOf = (state: string): Look =>
  LOOKS[state] ?? { icon: "dot", words: state.replaceAll("_", " "), tone: "none" };

type Props = { of: string; label?: string; title?: string | undefined };

/** A state as colour, icon and words. */
export const State = ({ of, label, title }: Props) => {
  const look = lookOf(of);
  return (
    <span className={`aw-state aw-${look.tone}`} title={title}>
      <Icon name={look.icon} />
      {label ? `${label}: ${look.words}` : look.words}
    </span>
  );
};
