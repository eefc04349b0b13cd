import type { AuditEvent } from "../api/messages";
import { Time } from "./Time";

const verb = (action: string): string =>
  action.slice(action.indexOf(".") + 1).replaceAll("_", " ");

// The id of a workload is DAG, run, task and try; the run stands at the top of the page.
const shortened = (event: AuditEvent): string =>
  event.actor_kind === "workload" ? `task ${event.actor.split("/").at(-2) || "unnamed"}` : event.actor;

/** Every action on a rollout, with who did it and when; the newest is the last. */
export const EventLog = ({ events }: { events: AuditEvent[] }) => (
  <div className="aw-scroll" tabIndex={0} role="region" aria-label="Table of actions">
    <table className="aw-stacking aw-log">
      <thead>
        <tr>
          <th>When</th>
          <th>Who</th>
          <th>What</th>
          <th>Why</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr key={event.id}>
            <td className="aw-nowrap">
              <Time at={event.at} />
            </td>
            <td className="aw-nowrap" title={`${event.actor} (${event.authn})`}>
              {shortened(event)}
            </td>
            <td className="aw-nowrap">{verb(event.action)}</td>
            <td className="aw-body">{event.reason}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
