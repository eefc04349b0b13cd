import type { ReactNode } from "react";

import type { Rollout, StageRecord } from "../api/messages";
import { stageName } from "../rollouts/progress";
import { briefly, count, duration } from "../rollouts/reading";
import { SignalList } from "./SignalList";
import { Split } from "./Split";
import { State } from "./State";
import { Time } from "./Time";

const WATCHED = ["applied", "observed", "extended"];

type Props = { rollout: Rollout; record: StageRecord };

/** One stage, open: the verdict in words, the split, how long and how much, every signal. */
export const StagePanel = ({ rollout, record }: Props) => {
  const stage = rollout.plan.stages[record.index];
  if (!stage) return null;
  const { seen } = record;
  const isWatched = WATCHED.includes(record.state);
  const lead = (isWatched && seen?.words) || record.reason || seen?.words;
  const title = stage.kind === "shadow" ? "Shadow" : `Stage ${stageName(stage)}`;
  return (
    <section className="aw-panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <State of={`stage_${record.state}`} />
        {seen && <State of={seen.verdict} label="verdict" />}
      </header>
      <p className="aw-lead">{briefly(lead || "Nothing was seen of it yet.")}</p>
      {seen && seen.words !== lead && (
        <p className="aw-muted">Last look: {briefly(seen.words)}</p>
      )}
      <Split stage={stage} seen={seen} candidate={rollout.version} stable={rollout.stable_version} />
      <dl className="aw-facts">
        <Fact name="Watched">
          {seen ? duration(seen.seconds) : "not yet"} <span className="aw-muted">(at least {duration(stage.min_seconds)})</span>
        </Fact>
        {record.ended_at && (
          <Fact name="Ended">
            <Time at={record.ended_at} />
          </Fact>
        )}
        {isWatched && (
          <Fact name="Deadline">
            {duration(stage.deadline_seconds - (seen?.seconds ?? 0))} <span className="aw-muted">left</span>
          </Fact>
        )}
        <Fact name={`Requests to ${rollout.version}`}>
          {seen ? count(seen.candidate_requests) : "none seen"}{" "}
          <span className="aw-muted">of {count(stage.min_requests)} needed</span>
        </Fact>
        {rollout.stable_version && (
          <Fact name={`Requests to ${rollout.stable_version}`}>
            {seen ? count(seen.stable_requests) : "none seen"}
          </Fact>
        )}
        <Fact name="Revision">{record.revision}</Fact>
      </dl>
      {seen && seen.signals.length > 0 ? (
        <SignalList signals={seen.signals} />
      ) : (
        <p className="aw-muted">No signal yet: the first look comes when the traffic is there.</p>
      )}
    </section>
  );
};

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
