"""What Airflow asks a provider package for: connection types, notifier, links."""

from __future__ import annotations

HIDDEN = ["schema", "login", "port", "extra"]


def provider_info() -> dict[str, object]:
    """Return the provider's self-description in the shape Airflow's schema wants."""
    return {
        "package-name": "airworthy",
        "name": "Airworthy",
        "description": "Certifies every model airworthy before it carries traffic.",
        "connection-types": [_control_plane(), _serving()],
        "notifications": ["operators.notifiers.slack.AirworthyNotifier"],
        "extra-links": [
            "operators.links.release.RolloutLink",
            "operators.links.release.VersionLink",
        ],
    }


def _control_plane() -> dict[str, object]:
    return {
        "connection-type": "airworthy",
        "hook-class-name": "operators.hooks.airworthy.AirworthyHook",
        "hook-name": "Airworthy control plane",
        "ui-field-behaviour": {
            "hidden-fields": HIDDEN,
            "relabeling": {"host": "Control plane URL", "password": "Workload secret"},
            "placeholders": {"host": "http://127.0.0.1:8080/airworthy"},
        },
    }


def _serving() -> dict[str, object]:
    return {
        "connection-type": "airworthy_serving",
        "hook-class-name": "operators.hooks.serving.ServingHook",
        "hook-name": "Airworthy serving",
        "ui-field-behaviour": {
            "hidden-fields": HIDDEN,
            "relabeling": {"host": "Serving admin URL", "password": "Admin token"},
            "placeholders": {"host": "http://127.0.0.1:8091"},
        },
    }
