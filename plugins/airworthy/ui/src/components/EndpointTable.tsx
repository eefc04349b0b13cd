import type { Endpoint } from "../api/messages";
import { State } from "./State";

const share = (endpoint: Endpoint): string =>
  endpoint.variants.map((variant) => `${variant.version} ${variant.weight} %`).join(" · ") || "none";

export const EndpointTable = ({ endpoints }: { endpoints: Endpoint[] }) => (
  <div className="aw-scroll">
    <table>
      <thead>
        <tr>
          <th>Endpoint</th>
          <th>Live version</th>
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
            <td>{share(endpoint)}</td>
            <td title={endpoint.owner}>
              {endpoint.owner ? `rollout ${endpoint.owner.slice(0, 8)}` : "free"}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
