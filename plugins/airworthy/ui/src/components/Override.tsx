import type { Version } from "../api/messages";
import { Icon } from "./Icon";
import { Time } from "./Time";

/** That people let a version through whose gates did not all pass; shown wherever it is shown. */
export const Override = ({ of }: { of: Version["override"] }) =>
  of ? (
    <div className="aw-notice">
      <Icon name="people" />
      <div>
        <strong>Let through by {of.by}</strong> although {of.gates.join(", ")} did not pass,{" "}
        <Time at={of.at} />: {of.reason}
      </div>
    </div>
  ) : null;
