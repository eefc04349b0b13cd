import type { RunRecord } from "../api/messages";
import { RunLink } from "./RunLink";
import { State } from "./State";
import { Time } from "./Time";

export const RunTable = ({ runs }: { runs: RunRecord[] }) => (
  <div className="aw-scroll" tabIndex={0} role="region" aria-label="Table of runs">
    <table>
      <thead>
        <tr>
          <th>When</th>
          <th>Run</th>
          <th>Data</th>
          <th>Outcome</th>
          <th>Version</th>
          <th>Why</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((record) => (
          <tr key={`${record.run.dag_id} ${record.run.run_id}`}>
            <td className="aw-nowrap">
              <Time at={record.updated_at} />
            </td>
            <td>
              <RunLink run={record.run} />
            </td>
            <td>{record.partition}</td>
            <td>
              <State of={`run_${record.state}`} />
            </td>
            <td>{record.version && <code>{record.version}</code>}</td>
            <td className="aw-body">{record.reason}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
