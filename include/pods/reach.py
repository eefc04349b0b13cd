"""Whether a step finds from inside a pod what the installation's settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.errors import BadInput

if TYPE_CHECKING:
    from include.pods.settings import PodSettings
    from include.settings import Settings

FILE = "file://"


def check(step: str, installation: Settings, pods: PodSettings) -> None:
    """Refuse an address that means something else inside a pod than outside.

    Raises:
        BadInput: a folder that is not on the claim, or an MLflow that is no server.
    """
    _check_folder("AIRWORTHY_STORE", installation.store, pods)
    if step == "acquire":
        _check_folder("AIRWORTHY_ARRIVALS", installation.arrivals, pods)
    if step == "track" and not installation.has_mlflow_server:
        raise BadInput(
            "pods need an MLflow server: this database would end with the pod",
            where="AIRWORTHY_MLFLOW_URI",
            value=installation.mlflow_uri,
            remedy="Give the http:// address of a tracking server",
        )


def environ(installation: Settings) -> tuple[tuple[str, str], ...]:
    """Return the environment variables that carry those settings into a pod."""
    return (
        ("AIRWORTHY_ARRIVALS", installation.arrivals),
        ("AIRWORTHY_ENVIRONMENT", installation.environment),
        ("AIRWORTHY_MLFLOW_URI", installation.mlflow_uri),
        ("AIRWORTHY_STORE", installation.store),
        ("AIRWORTHY_TENANT", installation.tenant),
    )


def _check_folder(name: str, uri: str, pods: PodSettings) -> None:
    if not uri.startswith(FILE):
        return
    path = uri.removeprefix(FILE)
    is_on_claim = bool(pods.claim) and f"{path}/".startswith(f"{pods.mount.rstrip('/')}/")
    if not is_on_claim:
        what = "a pod does not see this folder"
        remedy = f"Use s3://…, or a folder under {pods.mount} on the claim AIRWORTHY_STORE_CLAIM"
        raise BadInput(what, where=name, value=uri, remedy=remedy)
