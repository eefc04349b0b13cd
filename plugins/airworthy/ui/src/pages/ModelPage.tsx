import type { Endpoint, Rollout, RunRecord, Version } from "../api/messages";
import { EndpointTable } from "../components/EndpointTable";
import { Link } from "../components/Link";
import { RolloutTable } from "../components/RolloutTable";
import { Section } from "../components/Section";
import { TimeLine } from "../components/TimeLine";
import { VersionTable } from "../components/VersionTable";
import { useAsk } from "../hooks/useAsk";
import { timeLine } from "../rollouts/models";
import { openFirst } from "../rollouts/progress";

const SHOWN = 30;

const headline = (model: string, endpoints: Endpoint[] | undefined): string => {
  const live = endpoints?.map((endpoint) => endpoint.live_version).filter(Boolean) ?? [];
  if (endpoints === undefined) return model;
  return live.length > 0 ? `${model} ${live.join(" and ")} is live` : `${model}: nothing is live`;
};

const newestFirst = (one: Version, other: Version) => other.registered_at.localeCompare(one.registered_at);

/** One model: what of it is live, and everything that happened to it. */
export const ModelPage = ({ model }: { model: string }) => {
  const named = encodeURIComponent(model);
  const versions = useAsk<Version[]>(`models/${named}/versions`);
  const rollouts = useAsk<Rollout[]>(`rollouts?model=${named}`);
  const runs = useAsk<RunRecord[]>(`runs?model=${named}`);
  const endpoints = useAsk<Endpoint[]>("endpoints");
  const mine = endpoints.data?.filter((endpoint) => endpoint.model === model);
  const all = [versions, rollouts, runs];
  const failure = all.find((asked) => asked.failure)?.failure;
  const marks =
    versions.data && rollouts.data && runs.data
      ? timeLine(versions.data, rollouts.data, runs.data).slice(0, SHOWN)
      : undefined;
  const again = () => all.forEach((asked) => asked.again());

  return (
    <>
      <p className="aw-crumbs">
        <Link to={["models"]}>Models</Link>
        <span>{model}</span>
      </p>
      <h1>{headline(model, mine)}</h1>
      <Section title="Endpoints" asked={{ ...endpoints, ...(mine && { data: mine }) }} empty="No endpoint serves it yet: its first release makes one.">
        {(rows) => <EndpointTable endpoints={rows} />}
      </Section>
      <Section title="Time line" asked={{ again, ...(marks && { data: marks }), ...(failure && { failure }) }} empty="Nothing happened to it yet: trigger its training.">
        {(rows) => <TimeLine marks={rows} />}
      </Section>
      <Section title="Rollouts" asked={rollouts} empty="No rollout yet: a version that passes its gates begins one.">
        {(rows) => <RolloutTable rollouts={[...rows].sort(openFirst)} />}
      </Section>
      <Section title="Versions" asked={versions} empty="No version yet: what passes its gates is registered here.">
        {(rows) => <VersionTable versions={[...rows].sort(newestFirst)} />}
      </Section>
    </>
  );
};
