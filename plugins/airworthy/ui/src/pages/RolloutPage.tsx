import type { AuditEvent, Caller, Decision, Endpoint, RollbackRequest, Rollout } from "../api/messages";
import { DecisionCard } from "../components/DecisionCard";
import { EventLog } from "../components/EventLog";
import { Frame } from "../components/Frame";
import { GoingBack } from "../components/GoingBack";
import { Link } from "../components/Link";
import { RollbackForm } from "../components/RollbackForm";
import { RolloutFacts } from "../components/RolloutFacts";
import { Section } from "../components/Section";
import { StagePanel } from "../components/StagePanel";
import { StageTable } from "../components/StageTable";
import { StageTrack } from "../components/StageTrack";
import { State } from "../components/State";
import { useAsk } from "../hooks/useAsk";
import { isOfRun, isOver, present, standing } from "../rollouts/progress";
import { headline } from "../rollouts/story";
import { pending, undoOf } from "../rollouts/undo";

const SECONDS = 2;

type Props = { id: string; stage: number | undefined };

/** One rollout: how it stands in a sentence, then its stages, what waits, what was done. */
export const RolloutPage = ({ id, stage }: Props) => {
  const path = `rollouts/${encodeURIComponent(id)}`;
  const asked = useAsk<Rollout>(path, SECONDS, isOver);
  const rollout = asked.data;
  return (
    <>
      <header>
        <p className="aw-crumbs">
          <Link to={["rollouts"]}>Rollouts</Link>
          {rollout && (
            <>
              <Link to={["models", rollout.model]}>{rollout.model}</Link>
              <span>{rollout.version}</span>
              <State of={standing(rollout)} />
            </>
          )}
        </p>
        <h1 aria-live="polite">{rollout ? headline(rollout) : "Rollout"}</h1>
      </header>
      <Frame asked={asked} rows={6}>
        {(found) => <Body rollout={found} stage={stage} again={asked.again} />}
      </Frame>
    </>
  );
};

type BodyProps = { rollout: Rollout; stage: number | undefined; again: () => void };

const Body = ({ rollout, stage, again }: BodyProps) => {
  const over = isOver(rollout);
  const record = (stage === undefined ? undefined : rollout.stages[stage]) ?? present(rollout);
  const events = useAsk<AuditEvent[]>(
    `rollouts/${encodeURIComponent(rollout.id)}/events`,
    over ? 0 : SECONDS,
  );
  return (
    <>
      <RolloutFacts rollout={rollout} />
      <Actions rollout={rollout} again={again} />
      <StageTrack rollout={rollout} open={record?.index} />
      {record && <StagePanel rollout={rollout} record={record} />}
      {over && rollout.stages.length > 0 && (
        <section className="aw-section" aria-label="Stages, one by one">
          <h2>Stages, one by one</h2>
          <StageTable rollout={rollout} />
        </section>
      )}
      <Section title="Log" asked={events} empty="Nothing was done yet.">
        {(rows) => <EventLog events={rows} />}
      </Section>
    </>
  );
};

type ActionsProps = { rollout: Rollout; again: () => void };

/** What a person can do here: answer the decision that waits, or go back. */
const Actions = ({ rollout, again }: ActionsProps) => {
  const over = isOver(rollout);
  const where = `endpoints/${encodeURIComponent(rollout.endpoint)}`;
  const caller = useAsk<Caller>("whoami", 60);
  const decisions = useAsk<Decision[]>(over ? null : "decisions?state=open", SECONDS);
  const endpoint = useAsk<Endpoint>(where, SECONDS);
  const requests = useAsk<RollbackRequest[]>(`${where}/rollbacks`, SECONDS);
  const waiting = over ? [] : (decisions.data ?? []).filter((one) => isOfRun(one, rollout));
  const request = pending(rollout, requests.data);
  const undo = request ? undefined : undoOf(rollout, endpoint.data);
  const changed = () => {
    again();
    decisions.again();
    requests.again();
  };
  return (
    <section className="aw-actions" aria-label="What a person can do">
      <h2 className="aw-unseen">What a person can do</h2>
      {waiting.map((decision) => (
        <DecisionCard
          key={decision.id}
          decision={decision}
          caller={caller.data}
          rollout={rollout}
          onAnswered={changed}
        />
      ))}
      {(request ?? (!over && rollout.stop)) && <GoingBack rollout={rollout} request={request} />}
      {undo && <RollbackForm undo={undo} endpoint={rollout.endpoint} caller={caller.data} onAsked={changed} />}
    </section>
  );
};
