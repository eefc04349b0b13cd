import type { Rollout } from "../api/messages";
import { RolloutTable } from "../components/RolloutTable";
import { Section } from "../components/Section";
import { useAsk } from "../hooks/useAsk";
import { isOver, openFirst, waitsForPerson } from "../rollouts/progress";
import { pathTo, replace } from "../routing";

const headline = (rollouts: Rollout[] | undefined): string => {
  if (rollouts === undefined) return "Rollouts";
  const open = rollouts.filter((rollout) => !isOver(rollout));
  const waiting = open.filter(waitsForPerson).length;
  if (open.length === 0) return "No rollout is under way";
  const count = open.length === 1 ? "One rollout is" : `${open.length} rollouts are`;
  return `${count} under way${waiting ? `, ${waiting} waiting for a person` : ""}`;
};

/** Which releases are under way, and what became of the others. */
export const Rollouts = ({ model }: { model: string }) => {
  const asked = useAsk<Rollout[]>("rollouts", 2);
  const rows = asked.data?.filter((rollout) => !model || rollout.model === model);
  const models = [...new Set([...(asked.data ?? []).map((rollout) => rollout.model), model])].sort();
  const choose = (chosen: string) => replace(pathTo(["rollouts"], chosen ? { model: chosen } : {}));

  return (
    <>
      <header className="aw-head">
        <h1>{headline(rows)}</h1>
        <label className="aw-filter">
          Model{" "}
          <select value={model} onChange={(event) => choose(event.target.value)}>
            <option value="">all</option>
            {models.filter(Boolean).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </header>
      <Section
        title="Rollouts"
        asked={{ ...asked, ...(rows && { data: rows }) }}
        empty={
          <>
            No rollout {model ? `of ${model} ` : ""}yet. A version that passes its gates begins one
            by itself where its spec says <code>policy: auto</code>; else trigger the{" "}
            <code>&lt;model&gt;_release</code> DAG.
          </>
        }
      >
        {(found) => <RolloutTable rollouts={[...found].sort(openFirst)} />}
      </Section>
    </>
  );
};
