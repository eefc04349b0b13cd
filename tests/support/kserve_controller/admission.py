"""What the admission webhook fills in and what it refuses, in KServe's order and words."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from tests.support.kserve_controller import names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.kserve_controller.settings import Settings

FRAMEWORKS = (
    "sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml",
    "lightgbm", "paddle",
)  # fmt: skip
IMPLEMENTATIONS = (
    "Name", "SKLearn", "XGBoost", "Tensorflow", "PyTorch", "Triton", "ONNX", "HuggingFace", "PMML",
    "LightGBM", "Paddle", "Model", "StorageUris", "StorageContainerName", "WorkerSpec", "PodSpec",
)  # fmt: skip
CLASSES = ("hpa", "external", "keda", "none")
OLD_MODES = {"RawDeployment": "Standard", "Serverless": "Knative"}
FIXED = ("maxReplicas", "scaleTarget", "scaleMetric", "autoScaling")


class Refused(Exception):
    """The object is not admitted."""


def defaulted(service: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return what the defaulter makes of a service before its schema is looked at.

    The empty fields come from its way through Go, and without them the schema refuses a canary:
    there, unlike in the stable predictor, the model's own name is required. Otherwise it looks at
    the stable predictor alone.
    """
    made = copy.deepcopy(service)
    predictors = [made["spec"]["predictor"], *_predictors(made)]
    for model in (one["model"] for one in predictors if one.get("model")):
        model.setdefault("name", "")
        model.setdefault("resources", {})
    annotations = made["metadata"].get("annotations") or {}
    mode = annotations.get(names.MODE, settings.default_mode)
    mode = OLD_MODES.get(mode, mode)
    if names.MODE in annotations or mode in {"Standard", "ModelMesh"}:
        annotations[names.MODE] = mode
    model_format = (predictors[0].get("model") or {}).get("modelFormat", {}).get("name")
    if model_format:
        annotations.setdefault(names.MODEL_FORMAT, model_format)
    made["metadata"]["annotations"] = annotations
    return made


def validate(service: dict[str, Any], before: dict[str, Any] | None = None) -> None:
    """Admit a new InferenceService, or a changed one.

    Raises:
        Refused: with KServe's words.
    """
    if before is not None:
        if service["metadata"].get("deletionTimestamp"):
            return
        _change(service, before)
    _service(service)
    _canaries(service)


def _change(service: dict[str, Any], before: dict[str, Any]) -> None:
    recorded = before.get("status", {}).get("deploymentMode", "")
    wanted = _annotations(service).get(names.MODE)
    if recorded and wanted and OLD_MODES.get(recorded, recorded) != wanted:
        raise Refused(
            f"update rejected: deploymentMode cannot be changed from '{recorded}' to '{wanted}'"
        )
    old, new = before["spec"]["predictor"], service["spec"]["predictor"]
    if old.get("name", "") != new.get("name", "") and _storage(old) == _storage(new):
        raise Refused("predictor.name change requires a model change (e.g. storageUri)")


def _service(service: dict[str, Any]) -> None:
    name, predictor = service["metadata"]["name"], service["spec"]["predictor"]
    if not names.INFERENCE_SERVICE_NAME.fullmatch(name):
        raise Refused(
            f'the InferenceService "{name}" is invalid: a InferenceService name must consist'
            " of lower case alphanumeric characters or '-', and must start with alphabetical"
            ' character. (e.g. "my-name" or "abc-123", regex used for validation is '
            f"'{names.INFERENCE_SERVICE_NAME.pattern}')"
        )
    autoscaler = _annotations(service).get(names.AUTOSCALER_CLASS)
    if autoscaler is not None and autoscaler not in CLASSES:
        raise Refused(f"[{autoscaler}] is not a supported autoscaler class type")
    if (_implementation(predictor) or {}).get("name"):
        raise Refused("the 'name' field is not allowed in standard predictor")
    _one_implementation(predictor)
    _replicas(predictor)


def _canaries(service: dict[str, Any]) -> None:
    canaries = service["spec"].get("canary") or []
    if not canaries:
        return
    if _annotations(service).get(names.MODE) != "Standard":
        raise Refused("canary is only supported in Standard deployment mode")
    stable = service["spec"]["predictor"]
    if not _storage(stable) and not stable.get("model"):
        raise Refused(
            "canary requires a stable predictor with a model (multi-model serving is not supported"
            " with canary)"
        )
    known: set[str] = set()
    for index, canary in enumerate(canaries):
        _canary_name(index, canary["predictor"].get("name", ""), known, stable)
        _canary(canary, stable)
    total = sum(canary["trafficPercent"] for canary in canaries)
    if total > 100:
        raise Refused(f"sum of canary trafficPercent values ({total}) must be <= 100")


def _canary_name(index: int, name: str, known: set[str], stable: dict[str, Any]) -> None:
    if not name:
        raise Refused(f"canary[{index}] predictor.name is required")
    if name in known:
        raise Refused(f'canary predictor.name "{name}" is duplicated')
    known.add(name)
    if name == stable.get("name", ""):
        raise Refused(f'canary predictor.name "{name}" conflicts with stable predictor name')


def _canary(canary: dict[str, Any], stable: dict[str, Any]) -> None:
    predictor, percent = canary["predictor"], canary["trafficPercent"]
    said = f'canary "{predictor["name"]}"'
    if not 0 <= percent <= 100:
        raise Refused(f"{said} trafficPercent must be between 0 and 100, got {percent}")
    for check in (_one_implementation, _replicas):
        _within(f"{said} predictor", check, predictor)
    if predictor.get("workerSpec") is not None:
        raise Refused(
            f"{said} must not set workerSpec (multi-node is not yet supported for canary)"
        )
    for field in FIXED:
        if predictor.get(field) is not None and (field, predictor[field]) != ("maxReplicas", 0):
            raise Refused(f"{said} must not set {field} (canary uses fixed replicas)")
    own, most = predictor.get("minReplicas"), stable.get("minReplicas", 1)
    if own is not None and own > most:
        raise Refused(
            f"{said} minReplicas ({own}) must not exceed stable predictor minReplicas ({most})"
        )


def _within(where: str, check: Callable[[dict[str, Any]], None], predictor: dict[str, Any]) -> None:
    try:
        check(predictor)
    except Refused as refused:
        raise Refused(f"{where}: {refused}") from refused


def _one_implementation(predictor: dict[str, Any]) -> None:
    if len(list(_implementations(predictor))) != 1:
        listed = ", ".join(IMPLEMENTATIONS)
        raise Refused(f"exactly one of [{listed}] must be specified in PredictorSpec")


def _replicas(predictor: dict[str, Any]) -> None:
    least, most = predictor.get("minReplicas", 1), predictor.get("maxReplicas", 0)
    if least < 0:
        raise Refused("'MinReplicas' cannot be less than 0")
    if most < 0:
        raise Refused("'MaxReplicas' cannot be less than 0")
    if least > most != 0:
        raise Refused("'MinReplicas' cannot be greater than MaxReplicas")


def _implementations(predictor: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (predictor[kind] for kind in (*FRAMEWORKS, "model") if predictor.get(kind))
    if predictor.get("containers") and not any(predictor.get(k) for k in (*FRAMEWORKS, "model")):
        yield {}


def _implementation(predictor: dict[str, Any]) -> dict[str, Any] | None:
    return next(_implementations(predictor), None)


def _storage(predictor: dict[str, Any]) -> str:
    return str((_implementation(predictor) or {}).get("storageUri") or "")


def _predictors(service: dict[str, Any]) -> list[dict[str, Any]]:
    return [canary["predictor"] for canary in service["spec"].get("canary") or []]


def _annotations(service: dict[str, Any]) -> dict[str, str]:
    return service["metadata"].get("annotations") or {}
