import type { Endpoint } from "../api/messages";
import { Link } from "./Link";
import { State } from "./State";

const share = (endpoint: Endpoint): string =>
  endpoint.variants
    .map(({ version, weight, mirror }) => `${version} ${mirror ? `mirrors ${mirror}` : weight} %`)
    .join(" · ") || "none";

export const EndpointTable = ({ endpoints }: { endpoints: Endpoint[] }) => (
  <div className="aw-scroll" tabIndex={0} role="region" aria-label="Table of endpoints">
    <table>
      <thead>
        <tr>
          <th>Endpoint</th>
          <th>Live version</th>
          <th>Rollback target</th>
          <th>Wanted traffic</th>
          <th>Owner</th>
        </tr>
      </thead>
      <tbody>
        {endpoints.map((endpoint) => (
          <tr key={endpoint.name}>
            <td>
              <strong>{endpoint.name}</strong>
            </td>
            <td className="aw-nowrap">
              <State of={endpoint.live_version ? "live" : "empty"} />{" "}
              {endpoint.live_version && <code>{endpoint.live_version}</code>}
            </td>
            <td className="aw-nowrap">
              {endpoint.rollback_target ? <code>{endpoint.rollback_target}</code> : "none"}
            </td>
            <td>{share(endpoint)}</td>
            <td>
              {endpoint.owner ? <Link to={["rollouts", endpoint.owner]}>a rollout</Link> : "free"}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
