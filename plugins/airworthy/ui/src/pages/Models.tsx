import type { Decision, Endpoint, Rollout, RunRecord } from "../api/messages";
import { Link } from "../components/Link";
import { Section } from "../components/Section";
import { State } from "../components/State";
import { Time } from "../components/Time";
import { useAsk } from "../hooks/useAsk";
import { type ModelRow, rowsOf } from "../rollouts/models";
import { standing } from "../rollouts/progress";

/** Which models there are, what of each is live, and what waits. */
export const Models = () => {
  const runs = useAsk<RunRecord[]>("runs");
  const endpoints = useAsk<Endpoint[]>("endpoints");
  const rollouts = useAsk<Rollout[]>("rollouts");
  const decisions = useAsk<Decision[]>("decisions?state=open");
  const all = [runs, endpoints, rollouts, decisions];
  const failure = all.find((asked) => asked.failure)?.failure;
  const rows =
    runs.data && endpoints.data && rollouts.data && decisions.data
      ? rowsOf(runs.data, endpoints.data, rollouts.data, decisions.data)
      : undefined;
  const again = () => all.forEach((asked) => asked.again());
  const live = rows?.filter((row) => row.endpoint?.live_version).length ?? 0;

  return (
    <>
      <h1>{rows ? `${live} of ${rows.length} models are live` : "Models"}</h1>
      <Section
        title="Models"
        asked={{ again, ...(rows && { data: rows }), ...(failure && { failure }) }}
        empty={
          <>
            No model yet. Write one with <code>airworthy spec new</code>, and trigger its{" "}
            <code>&lt;model&gt;_train</code> DAG.
          </>
        }
      >
        {(found) => (
          <div className="aw-scroll" tabIndex={0} role="region" aria-label="Table of models">
            <table className="aw-stacking">
              <thead>
                <tr>
                  <th>Model</th>
                  <th>Live version</th>
                  <th>Last training</th>
                  <th>Last release</th>
                  <th>Waiting decisions</th>
                </tr>
              </thead>
              <tbody>
                {found.map((row) => (
                  <Row key={row.model} row={row} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Section>
    </>
  );
};

const Row = ({ row: { model, endpoint, training, release, waiting } }: { row: ModelRow }) => (
  <tr>
    <td>
      <Link to={["models", model]}>
        <strong>{model}</strong>
      </Link>
    </td>
    <td className="aw-nowrap">
      <State of={endpoint?.live_version ? "live" : "empty"} />
      {endpoint?.live_version && (
        <Link to={["models", model, endpoint.live_version]}>{endpoint.live_version}</Link>
      )}
    </td>
    <td className="aw-nowrap">
      {training ? (
        <>
          <State of={`run_${training.state}`} /> <Time at={training.updated_at} />
        </>
      ) : (
        "none known"
      )}
    </td>
    <td className="aw-nowrap">
      {release ? (
        <>
          <State of={standing(release)} />{" "}
          <Link to={["rollouts", release.id]}>{release.version}</Link>,{" "}
          <Time at={release.ended_at ?? release.opened_at} />
        </>
      ) : (
        "none yet"
      )}
    </td>
    <td>{waiting > 0 ? <State of="waits" label={String(waiting)} /> : "none"}</td>
  </tr>
);
