import { Link } from "./components/Link";
import { Home } from "./pages/Home";
import { ModelPage } from "./pages/ModelPage";
import { Models } from "./pages/Models";
import { RolloutPage } from "./pages/RolloutPage";
import { Rollouts } from "./pages/Rollouts";
import { VersionPage } from "./pages/VersionPage";
import { type Route, useRoute } from "./routing";

/** The frame of every page: where one can go, and where one is. */
export const Console = () => {
  const route = useRoute();
  return (
    <div className="aw-page">
      <nav className="aw-nav" aria-label="Airworthy">
        <Link to={[]} here={route.page === "home"}>
          Home
        </Link>
        <Link to={["rollouts"]} here={route.page.startsWith("rollout")}>
          Rollouts
        </Link>
        <Link to={["models"]} here={["models", "model", "version"].includes(route.page)}>
          Models
        </Link>
      </nav>
      <Page route={route} />
    </div>
  );
};

const Page = ({ route }: { route: Route }) => {
  if (route.page === "home") return <Home />;
  if (route.page === "rollouts") return <Rollouts model={route.model} />;
  // A page of its own for each rollout: what is known of one never shows on another.
  if (route.page === "rollout") return <RolloutPage key={route.id} id={route.id} stage={route.stage} />;
  if (route.page === "models") return <Models />;
  if (route.page === "model") return <ModelPage key={route.model} model={route.model} />;
  if (route.page === "version") {
    const { model, version } = route;
    return <VersionPage key={`${model} ${version}`} model={model} version={version} />;
  }
  return <Unknown />;
};

const Unknown = () => (
  <>
    <h1>There is no such page</h1>
    <p className="aw-empty aw-section">
      The address leads nowhere. <Link to={[]}>Home</Link> shows what needs a person.
    </p>
  </>
);
