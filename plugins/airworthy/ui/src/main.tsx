import { Console } from "./Console";
import css from "./style.css?inline";

/** The plugin's root: Airflow's page renders it at /plugin/airworthy. */
const Airworthy = () => (
  <>
    <style>{css}</style>
    <Console />
  </>
);

// Airflow reads `globalThis.AirflowPlugin` after loading; two plugins that load at once race for
// that name, so the component also stands under the name of its own react_app.
(globalThis as Record<string, unknown>)["Airworthy"] = Airworthy;

export default Airworthy;
