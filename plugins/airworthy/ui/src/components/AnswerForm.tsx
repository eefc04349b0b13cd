import { useId, useRef, useState } from "react";

import { Failure, freshKey, write } from "../api/client";
import type { AnswerDecision, Caller, Decision } from "../api/messages";

type Props = { decision: Decision; caller: Caller | undefined; onAnswered: () => void };

const MINIMUM = 3;
const FINAL = "An answer cannot be taken back.";

/** Why this caller may not answer; empty when they may. */
const barrier = (decision: Decision, caller: Caller | undefined): string => {
  if (!caller) return "Asking who you are …";
  if (caller.kind !== "person") return "Only people answer decisions.";
  if (decision.roles.some((role) => caller.roles.includes(role))) return "";
  const yours = caller.roles.length ? caller.roles.join(", ") : "no role";
  return `Needs the role ${decision.roles.join(" or ")}; ${caller.id} has ${yours}.`;
};

/** A reason and one button an option. */
export const AnswerForm = ({ decision, caller, onAnswered }: Props) => {
  const field = useId();
  const [reason, setReason] = useState("");
  const [sending, setSending] = useState("");
  const [failure, setFailure] = useState<Failure>();
  // A repeated click of the same option is the same answer: the key changes only with the option.
  const keys = useRef(new Map<string, string>());
  const barred = barrier(decision, caller);
  const short = reason.trim().length < MINIMUM;

  const answer = async (option: string) => {
    const body: AnswerDecision = {
      answer: option,
      reason: reason.trim(),
      subject_digest: decision.subject_digest,
    };
    const attempt = `${option}\n${body.reason}`;
    const key = keys.current.get(attempt) ?? freshKey();
    keys.current.set(attempt, key);
    setSending(option);
    setFailure(undefined);
    try {
      await write(`decisions/${encodeURIComponent(decision.id)}/answer`, body, key);
      onAnswered();
    } catch (raised) {
      setFailure(raised instanceof Failure ? raised : new Failure(String(raised)));
    } finally {
      setSending("");
    }
  };

  return (
    <form className="aw-answer" onSubmit={(event) => event.preventDefault()}>
      <label htmlFor={field}>Reason (kept in the audit log)</label>
      <textarea
        id={field}
        rows={2}
        value={reason}
        disabled={Boolean(barred)}
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="aw-options">
        {decision.options.map((option) => (
          <button
            key={option}
            type="button"
            className={option === decision.default ? "aw-quiet" : "aw-yes"}
            disabled={Boolean(barred) || short || Boolean(sending)}
            title={barred || (short ? "Give a reason first" : "")}
            onClick={() => void answer(option)}
          >
            {sending === option ? "Sending …" : option.replaceAll("_", " ")}
          </button>
        ))}
        <span className="aw-muted">{barred || (short ? `Give a reason first. ${FINAL}` : FINAL)}</span>
      </div>
      {failure && (
        <p className="aw-failure" role="alert">
          <span>
            <strong>{failure.message}</strong> {failure.remedy}
          </span>
        </p>
      )}
    </form>
  );
};
