import type { Version } from "../api/messages";
import { count } from "../rollouts/reading";

type Metric = Version["metrics"][number];

const round = (value: number) => Number(value.toPrecision(4)).toString();

const interval = ({ lower, upper }: Metric): string =>
  lower === null || upper === null ? "no interval" : `${round(lower)} to ${round(upper)}`;

/** Each number with its interval and its sample; a missing one is said. */
export const MetricTable = ({ metrics }: { metrics: Metric[] }) => (
  <div className="aw-scroll" tabIndex={0} role="region" aria-label="Table of metrics">
    <table>
      <thead>
        <tr>
          <th>Metric</th>
          <th>Value</th>
          <th>Interval</th>
          <th>Rows</th>
        </tr>
      </thead>
      <tbody>
        {metrics.map((metric) => (
          <tr key={metric.name}>
            <td>
              <strong>{metric.name}</strong>
            </td>
            <td>{round(metric.value)}</td>
            <td>{interval(metric)}</td>
            <td>{metric.samples === null ? "not said" : count(metric.samples)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
