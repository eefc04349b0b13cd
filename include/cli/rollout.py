"""``airworthy rollout``: simulate a plan, list and show rollouts, go back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from include import settings
from include.cli import documents
from include.cli.folders import folders
from include.cli.login import logged_in
from include.client.messages.plans import ReleasePlan, RequestRollback
from include.errors import BadInput
from include.rollout import planning
from include.rollout.simulation.play import play
from include.rollout.simulation.script import Script

if TYPE_CHECKING:
    from include.client.control_plane import ControlPlane
    from include.client.messages.audit import Event
    from include.client.messages.rollouts import EndpointRecord, Rollout

app = typer.Typer(
    help="Simulate, list and show rollouts, and go back to the version before.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

As = Annotated[str, typer.Option("--as", help="Log-in of the suite on this machine.")]
Url = Annotated[str, typer.Option(help="Control plane elsewhere; needs AIRWORTHY_TOKEN.")]
Kind = Annotated[str, typer.Option(help="Of a model: first, canary or rollback.")]
_KINDS: tuple[Literal["first", "canary", "rollback"], ...] = ("first", "canary", "rollback")


@app.command()
def simulate(
    plan: Annotated[str, typer.Argument(help="A model with a spec, or a file with a plan.")],
    script: Annotated[Path, typer.Option(help="What happens while it is carried out.")],
    kind: Kind = "canary",
    dags: Annotated[Path | None, typer.Option(help="The DAG bundle.")] = None,
) -> None:
    """Play a plan against scripted traffic, and tell what the release would have done."""
    for line in play(_plan(plan, kind, dags), documents.read(script, Script)):
        typer.echo(line)


@app.command("list")
def rollouts(
    model: Annotated[str, typer.Argument(help="Name of the model; all where none.")] = "",
    user: As = "operator",
    url: Url = "",
) -> None:
    """List the rollouts, newest first."""
    with logged_in(user, url) as plane:
        found = plane.rollouts(model=model)
    if not found:
        typer.echo("no rollout yet")
    for rollout in found:
        typer.echo(_line(rollout))


@app.command()
def show(
    rollout_id: Annotated[str, typer.Argument(help="Id of the rollout.")],
    user: As = "operator",
    url: Url = "",
) -> None:
    """Show one rollout: its stages, and what happened."""
    with logged_in(user, url) as plane:
        rollout, events = plane.rollout(rollout_id), plane.rollout_events(rollout_id)
    typer.echo(_line(rollout))
    if rollout.stop is not None:
        typer.echo(f"  to stop: {rollout.stop.reason} ({rollout.stop.by})")
    for record in rollout.stages:
        name = planning.stage_name(rollout.plan.stages[record.index])
        words = record.seen.words if record.seen else record.reason
        typer.echo(f"  {name:<10} {record.state.value:<10} revision {record.revision}  {words}")
    for event in events:
        typer.echo(f"  {_event(event)}")


@app.command()
def rollback(
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    reason: Annotated[str, typer.Option(help="Why its version has to go.")],
    user: As = "operator",
    url: Url = "",
) -> None:
    """Stop the rollout under way; where there is none, bring the version before back."""
    with logged_in(user, url) as plane:
        endpoint = _endpoint(plane, model)
        wish = RequestRollback(reason=reason, live_version=endpoint.live_version)
        request = plane.request_rollback(endpoint.name, wish)
    back = request.version or "nothing"
    if request.kind == "stop":
        typer.echo(f"{request.endpoint}: rollout {request.rollout_id} is asked to stop")
        typer.echo(f"{request.from_version} goes, {back} stays")
    else:
        typer.echo(f"{request.endpoint}: back from {request.from_version} to {back}")
        typer.echo(f"rollback {request.id} is asked for; a release of {model} carries it out")


def _plan(name: str, kind: str, dags: Path | None) -> ReleasePlan:
    chosen = next((known for known in _KINDS if known == kind), None)
    if chosen is None:
        raise BadInput("no such kind", where="--kind", value=kind, remedy=f"One of {_KINDS}")
    if name.endswith((".yaml", ".yml", ".json")):
        return documents.read(Path(name), ReleasePlan)
    from include.spec.compile import compile_spec  # noqa: PLC0415 - Hydra is slow to import

    models = folders(dags).models
    if not (models / f"{name}.yaml").is_file():
        raise BadInput("no such model", where=str(models), value=name, remedy="Or name a plan.yaml")
    spec = compile_spec(models, name, settings.read().environment).spec
    return planning.plan_of(spec, chosen)


def _endpoint(plane: ControlPlane, model: str) -> EndpointRecord:
    found = next((one for one in plane.endpoints() if one.model == model), None)
    if found is None:
        raise BadInput("no endpoint serves it", value=model, remedy="`airworthy endpoint list`")
    return found


def _line(rollout: Rollout) -> str:
    beside = f" beside {rollout.stable_version}" if rollout.stable_version else ""
    reason = f"  {rollout.reason}" if rollout.reason else ""
    return (
        f"{rollout.id}  {rollout.opened_at:%Y-%m-%d %H:%M}  {rollout.model} {rollout.version}"
        f"{beside} ({rollout.plan.kind})  {rollout.state.value}{reason}"
    )


def _event(event: Event) -> str:
    told = f"  {event.reason}" if event.reason else ""
    return f"{event.at:%Y-%m-%d %H:%M:%S}  {event.action}  {event.actor}{told}"
