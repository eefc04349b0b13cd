import type { Alert, Delivery } from "../api/messages";
import { RunLink } from "./RunLink";
import { State } from "./State";
import { Time } from "./Time";

/** The last attempt on each channel says what became of an alert. */
const lastByChannel = (deliveries: Delivery[]): Delivery[] => [
  ...new Map(deliveries.map((delivery) => [delivery.channel, delivery])).values(),
];

export const AlertTable = ({ alerts }: { alerts: Alert[] }) => (
  <div className="aw-scroll" tabIndex={0} role="region" aria-label="Table of alerts">
    <table>
      <thead>
        <tr>
          <th>When</th>
          <th>Severity</th>
          <th>What</th>
          <th>Model</th>
          <th>Delivery</th>
          <th>Run</th>
        </tr>
      </thead>
      <tbody>
        {alerts.map((alert) => (
          <tr key={alert.id}>
            <td className="aw-nowrap">
              <Time at={alert.raised_at} />
            </td>
            <td>
              <State of={alert.severity} />
            </td>
            <td>
              <strong>{alert.title}</strong>
              <div className="aw-body aw-muted">{alert.body}</div>
            </td>
            <td>{alert.model}</td>
            <td>
              {alert.deliveries.length === 0 && <State of="pending" />}
              {lastByChannel(alert.deliveries).map((d) => (
                <State key={d.channel} of={d.state} label={d.channel} title={d.detail} />
              ))}
            </td>
            <td>
              <RunLink run={alert.run} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
