import type { Version } from "../api/messages";
import { Digest } from "./Digest";
import { Link } from "./Link";
import { RunLink } from "./RunLink";
import { State } from "./State";
import { Time } from "./Time";

type Metric = Version["metrics"][number];

const round = (value: number) => Number(value.toPrecision(4)).toString();

/** A number never stands without its interval or its sample size; a missing one is said. */
const reading = (metric: Metric): string => {
  const hasInterval = metric.lower != null && metric.upper != null;
  const interval = hasInterval
    ? ` (${round(metric.lower as number)} to ${round(metric.upper as number)})`
    : " (no interval)";
  const size = metric.samples == null ? "" : `, n = ${metric.samples.toLocaleString("en")}`;
  return `${metric.name} ${round(metric.value)}${interval}${size}`;
};

export const VersionTable = ({ versions }: { versions: Version[] }) => (
  <div className="aw-scroll" tabIndex={0} role="region" aria-label="Table of versions">
    <table>
      <thead>
        <tr>
          <th>Version</th>
          <th>Registered</th>
          <th>Metrics on the test window</th>
          <th>Gates</th>
          <th>Package</th>
          <th>Run</th>
        </tr>
      </thead>
      <tbody>
        {versions.map((version) => (
          <tr key={`${version.model} ${version.version}`}>
            <td className="aw-nowrap">
              <Link to={["models", version.model, version.version]}>
                <strong>{version.model}</strong> {version.version}
              </Link>
            </td>
            <td className="aw-nowrap">
              <Time at={version.registered_at} />
            </td>
            <td>
              {version.metrics.length === 0 && <State of="no_data" />}
              {version.metrics.map((metric) => (
                <div key={metric.name} className="aw-nowrap">{reading(metric)}</div>
              ))}
            </td>
            <td>
              {version.gates.length === 0 && <State of="no_data" />}
              {version.gates.map((gate) => (
                <State key={gate.name} of={gate.verdict} label={gate.name} title={gate.message} />
              ))}
              {version.override && <State of="overridden" title={version.override.reason} />}
            </td>
            <td>
              <Digest of={version.package_digest} />
            </td>
            <td>
              <RunLink run={version.run} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
