import type { ReactNode } from "react";

import type { Rollout, Version } from "../api/messages";
import { Digest } from "../components/Digest";
import { Frame } from "../components/Frame";
import { GateTable } from "../components/GateTable";
import { Link } from "../components/Link";
import { MetricTable } from "../components/MetricTable";
import { Override } from "../components/Override";
import { RolloutTable } from "../components/RolloutTable";
import { RunLink } from "../components/RunLink";
import { Section } from "../components/Section";
import { Time } from "../components/Time";
import { useAsk } from "../hooks/useAsk";

type Props = { model: string; version: string };

const headline = ({ model, version, gates, override }: Version): string => {
  const short = gates.filter((gate) => gate.verdict !== "pass").length;
  if (gates.length === 0) return `${model} ${version}: no gate is known`;
  if (short === 0) return `${model} ${version} passed ${gates.length === 1 ? "its gate" : `all ${gates.length} gates`}`;
  const how = override ? ", and people let it through" : "";
  return `${model} ${version}: ${short} of ${gates.length} gates did not pass${how}`;
};

/** One version: what it is made of, what it showed, who let it through, where it went. */
export const VersionPage = ({ model, version }: Props) => {
  const named = encodeURIComponent(model);
  const asked = useAsk<Version>(`models/${named}/versions/${encodeURIComponent(version)}`, 30);
  const rollouts = useAsk<Rollout[]>(`rollouts?model=${named}`);
  const mine = rollouts.data?.filter((rollout) => rollout.version === version);
  return (
    <>
      <p className="aw-crumbs">
        <Link to={["models"]}>Models</Link>
        <Link to={["models", model]}>{model}</Link>
        <span>{version}</span>
      </p>
      <h1>{asked.data ? headline(asked.data) : `${model} ${version}`}</h1>
      <Frame asked={asked} rows={5}>
        {(found) => (
          <>
            <Identity version={found} />
            <Override of={found.override} />
            <Section title="Gates" asked={{ again: asked.again, data: found.gates }} empty="No gate is known: it was registered without.">
              {(gates) => <GateTable gates={gates} />}
            </Section>
            <Section title="Metrics on the test window" asked={{ again: asked.again, data: found.metrics }} empty="No metric is known: it was registered without.">
              {(metrics) => <MetricTable metrics={metrics} />}
            </Section>
          </>
        )}
      </Frame>
      <Section title="Rollouts" asked={{ ...rollouts, ...(mine && { data: mine }) }} empty="It was in no rollout yet.">
        {(rows) => <RolloutTable rollouts={rows} />}
      </Section>
    </>
  );
};

const Identity = ({ version }: { version: Version }) => (
  <dl className="aw-facts">
    <Fact name="Registered">
      <Time at={version.registered_at} />
    </Fact>
    <Fact name="Release">{version.release_policy}</Fact>
    <Fact name="Package">
      <Digest of={version.package_digest} />
    </Fact>
    <Fact name="Model">
      <Digest of={version.model_digest} />
    </Fact>
    <Fact name="Data">
      <Digest of={version.dataset_digest} />
    </Fact>
    <Fact name="Spec">
      <Digest of={version.spec_digest} />
    </Fact>
    <Fact name="Run">
      <RunLink run={version.run} />
    </Fact>
  </dl>
);

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
