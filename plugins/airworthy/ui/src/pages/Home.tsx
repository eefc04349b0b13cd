import type { Alert, Caller, Decision, Endpoint, Rollout, RunRecord } from "../api/messages";
import { AlertTable } from "../components/AlertTable";
import { DecisionCard } from "../components/DecisionCard";
import { EndpointTable } from "../components/EndpointTable";
import { RolloutTable } from "../components/RolloutTable";
import { RunTable } from "../components/RunTable";
import { Section } from "../components/Section";
import { VersionTable } from "../components/VersionTable";
import { useAsk } from "../hooks/useAsk";
import { useVersions } from "../hooks/useVersions";
import { isOfRun, isOver, openFirst } from "../rollouts/progress";

const SHOWN = 10;
const RUNS_SHOWN = 5;

const mostUrgentFirst = (one: Decision, other: Decision) =>
  one.deadline.localeCompare(other.deadline);
const newestFirst = (one: Alert, other: Alert) => other.raised_at.localeCompare(one.raised_at);

const headline = (waiting: number | undefined): string => {
  if (waiting === undefined) return "What needs a person";
  if (waiting === 0) return "Nothing needs you";
  return waiting === 1 ? "One decision waits" : `${waiting} decisions wait`;
};

/** The first page: what needs a person, and then how things stand. */
export const Home = () => {
  const caller = useAsk<Caller>("whoami", 60);
  const decisions = useAsk<Decision[]>("decisions?state=open");
  const alerts = useAsk<Alert[]>("alerts");
  const rollouts = useAsk<Rollout[]>("rollouts");
  const endpoints = useAsk<Endpoint[]>("endpoints");
  const runs = useAsk<RunRecord[]>("runs");
  const versions = useVersions(runs, endpoints);
  const under = rollouts.data?.filter((rollout) => !isOver(rollout)).sort(openFirst);

  return (
    <>
      <header className="aw-head">
        <h1>{headline(decisions.data?.length)}</h1>
        {caller.data && (
          <span className="aw-muted">
            {caller.data.id} · {caller.data.roles.join(", ") || "no role"}
          </span>
        )}
      </header>
      <Section
        title="Decisions"
        asked={decisions}
        empty="No decision is open. The first release of a model asks here, and its run waits for the answer."
      >
        {(rows) =>
          [...rows].sort(mostUrgentFirst).map((decision) => (
            <DecisionCard
              key={decision.id}
              decision={decision}
              caller={caller.data}
              rollout={under?.find((rollout) => isOfRun(decision, rollout))}
              onAnswered={() => {
                decisions.again();
                endpoints.again();
                rollouts.again();
              }}
            />
          ))
        }
      </Section>
      <Section
        title="Rollouts under way"
        asked={{ ...rollouts, ...(under && { data: under }) }}
        empty="No rollout is under way. A version that passes its gates begins one."
      >
        {(rows) => <RolloutTable rollouts={rows} />}
      </Section>
      <Section
        title="Alerts"
        asked={alerts}
        empty="No alert so far. A batch that breaks its contract, for example, raises one."
      >
        {(rows) => <AlertTable alerts={[...rows].sort(newestFirst).slice(0, SHOWN)} />}
      </Section>
      <Section
        title="Last runs"
        asked={runs}
        empty="No run yet. Trigger the DAG of a model, or wait for its schedule."
      >
        {(rows) => <RunTable runs={rows.slice(0, RUNS_SHOWN)} />}
      </Section>
      <Section
        title="Endpoints"
        asked={endpoints}
        empty="No endpoint yet. The first release of a model makes one."
      >
        {(rows) => <EndpointTable endpoints={rows} />}
      </Section>
      <Section
        title="Versions"
        asked={versions}
        empty={
          <>
            No version yet. Trigger the <code>&lt;model&gt;_train</code> DAG of a model: what passes
            its gates is registered here.
          </>
        }
      >
        {(rows) => <VersionTable versions={rows.slice(0, SHOWN)} />}
      </Section>
    </>
  );
};
