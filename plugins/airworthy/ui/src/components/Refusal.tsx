import type { Failure } from "../api/client";

/** Why a change was not made, beside the button that asked for it. */
export const Refusal = ({ failure }: { failure: Failure | undefined }) =>
  failure ? (
    <p className="aw-failure" role="alert">
      <span>
        <strong>{failure.message}</strong> {failure.remedy}
      </span>
    </p>
  ) : null;
