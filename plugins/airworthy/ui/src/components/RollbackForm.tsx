import { useId, useState } from "react";

import type { Caller, RequestRollback } from "../api/messages";
import { useSend } from "../hooks/useSend";
import type { Undo } from "../rollouts/undo";
import { barrier, ROLLING_BACK, SHORTEST_REASON } from "../rollouts/roles";
import { Icon } from "./Icon";
import { Refusal } from "./Refusal";

type Props = { undo: Undo; endpoint: string; caller: Caller | undefined; onAsked: () => void };

/** The button that goes back: says what will happen, wants a reason, is greyed with its reason. */
export const RollbackForm = ({ undo, endpoint, caller, onAsked }: Props) => {
  const field = useId();
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const { failure, send, sending } = useSend();
  const barred = undo.barred || barrier(ROLLING_BACK, caller, "roll back");
  const short = reason.trim().length < SHORTEST_REASON;

  const ask = async () => {
    const body: RequestRollback = { live_version: undo.live, reason: reason.trim() };
    if (await send(`endpoints/${encodeURIComponent(endpoint)}/rollback`, body, "rollback")) {
      setOpen(false);
      onAsked();
    }
  };

  if (!isOpen) {
    return (
      <p className="aw-options">
        <button type="button" className="aw-danger" disabled={Boolean(barred)} onClick={() => setOpen(true)}>
          <Icon name="back" /> Roll back
        </button>
        <span className="aw-muted">{barred || undo.words}</span>
      </p>
    );
  }
  return (
    <form className="aw-card aw-answer aw-rollback" aria-label="Roll back" onSubmit={(event) => event.preventDefault()}>
      <p className="aw-lead">{undo.words}</p>
      <label htmlFor={field}>Reason (kept in the audit log)</label>
      <textarea id={field} rows={2} value={reason} autoFocus onChange={(event) => setReason(event.target.value)} />
      <div className="aw-options">
        <button type="button" className="aw-danger" disabled={short || Boolean(sending)} onClick={() => void ask()}>
          <Icon name="back" /> {sending ? "Sending …" : undo.verb}
        </button>
        <button type="button" className="aw-quiet" onClick={() => setOpen(false)}>
          Leave it
        </button>
        <span className="aw-muted">
          {short ? "Give a reason first. " : ""}It cannot be called off; release the version again instead.
        </span>
      </div>
      <Refusal failure={failure} />
    </form>
  );
};
