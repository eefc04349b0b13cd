import type { Decision } from "../api/messages";

/** A link to the run in Airflow's grid. */
export const RunLink = ({ run }: { run: Decision["run"] }) => {
  const path = `dags/${encodeURIComponent(run.dag_id)}/runs/${encodeURIComponent(run.run_id)}`;
  return (
    <a href={new URL(path, document.baseURI).href} title={run.run_id}>
      {run.dag_id}
    </a>
  );
};
