type Look = { icon: string; words: string; tone: "good" | "bad" | "waiting" | "none" };

// One look for each state, everywhere: colour, icon and words, so that colour is never alone.
const LOOKS: Record<string, Look> = {
  pass: { icon: "✓", words: "pass", tone: "good" },
  fail: { icon: "✕", words: "fail", tone: "bad" },
  inconclusive: { icon: "≈", words: "inconclusive", tone: "waiting" },
  no_data: { icon: "∅", words: "no data", tone: "none" },
  error: { icon: "!", words: "error", tone: "bad" },
  open: { icon: "?", words: "open", tone: "waiting" },
  delivered: { icon: "✓", words: "delivered", tone: "good" },
  pending: { icon: "…", words: "pending", tone: "waiting" },
  failed: { icon: "✕", words: "not delivered", tone: "bad" },
  not_configured: { icon: "∅", words: "not configured", tone: "none" },
  run_running: { icon: "…", words: "running", tone: "waiting" },
  run_succeeded: { icon: "✓", words: "succeeded", tone: "good" },
  run_stopped: { icon: "■", words: "stopped", tone: "bad" },
  run_refused: { icon: "✕", words: "refused", tone: "bad" },
  run_failed: { icon: "!", words: "failed", tone: "bad" },
  critical: { icon: "!", words: "critical", tone: "bad" },
  warning: { icon: "▲", words: "warning", tone: "waiting" },
  info: { icon: "i", words: "info", tone: "none" },
  live: { icon: "●", words: "live", tone: "good" },
  empty: { icon: "∅", words: "nothing live", tone: "none" },
};

type Props = { of: string; label?: string; title?: string };

/** A state as colour, icon and words. */
export const State = ({ of, label, title }: Props) => {
  const look = LOOKS[of] ?? { icon: "·", words: of, tone: "none" };
  return (
    <span className={`aw-state aw-${look.tone}`} title={title}>
      <span aria-hidden="true">{look.icon}</span>
      {label ? `${label}: ${look.words}` : look.words}
    </span>
  );
};
