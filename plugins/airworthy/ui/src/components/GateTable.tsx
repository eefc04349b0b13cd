import type { Version } from "../api/messages";
import { State } from "./State";

/** What each gate said, in its own words. */
export const GateTable = ({ gates }: { gates: Version["gates"] }) => (
  <div className="aw-scroll" tabIndex={0} role="region" aria-label="Table of gates">
    <table className="aw-stacking">
      <thead>
        <tr>
          <th>Gate</th>
          <th>Verdict</th>
          <th>Evidence</th>
        </tr>
      </thead>
      <tbody>
        {gates.map((gate) => (
          <tr key={gate.name}>
            <td>
              <strong>{gate.name}</strong>
            </td>
            <td>
              <State of={gate.verdict} />
            </td>
            <td>{gate.message}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
