import { useId, useState } from "react";

import type { AnswerDecision, Caller, Decision } from "../api/messages";
import { useSend } from "../hooks/useSend";
import { barrier, SHORTEST_REASON } from "../rollouts/roles";
import { Refusal } from "./Refusal";

type Props = {
  decision: Decision;
  caller: Caller | undefined;
  /** What each option does, where the place knows it. */
  consequences?: Record<string, string> | undefined;
  onAnswered: () => void;
};

const FINAL = "An answer cannot be taken back.";

const inWords = (option: string): string => option.replaceAll("_", " ");

/** Why this caller may not answer; empty when they may. */
const bar = (decision: Decision, caller: Caller | undefined): string => {
  const barred = barrier(decision.roles, caller, "answer decisions");
  const asks = decision.asked_by && decision.asked_by === caller?.id;
  return barred || (asks ? `${decision.asked_by} asks; somebody else has to answer.` : "");
};

/** A reason and one button an option. */
export const AnswerForm = ({ decision, caller, consequences, onAnswered }: Props) => {
  const field = useId();
  const [reason, setReason] = useState("");
  const { failure, send, sending } = useSend();
  const barred = bar(decision, caller);
  const short = reason.trim().length < SHORTEST_REASON;

  const answer = async (option: string) => {
    const body: AnswerDecision = {
      answer: option,
      reason: reason.trim(),
      subject_digest: decision.subject_digest,
    };
    const path = `decisions/${encodeURIComponent(decision.id)}/answer`;
    if (await send(path, body, option)) onAnswered();
  };

  return (
    <form className="aw-answer" onSubmit={(event) => event.preventDefault()}>
      {consequences && (
        <dl className="aw-consequences">
          {decision.options.map((option) => (
            <div key={option}>
              <dt>{inWords(option)}</dt>
              <dd>{consequences[option] ?? ""}</dd>
            </div>
          ))}
        </dl>
      )}
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
            {sending === option ? "Sending …" : inWords(option)}
          </button>
        ))}
        <span className="aw-muted">{barred || (short ? `Give a reason first. ${FINAL}` : FINAL)}</span>
      </div>
      <Refusal failure={failure} />
    </form>
  );
};
