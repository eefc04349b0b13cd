"""What Airflow asks a provider package for: connection type, notifier, links."""

from __future__ import annotations


def provider_info() -> dict[str, object]:
    """Return the provider's self-description in the shape Airflow's schema wants."""
    return {
        "package-name": "airworthy",
        "name": "Airworthy",
        "description": "Certifies every model airworthy before it carries traffic.",
        "connection-types": [
            {
                "connection-type": "airworthy",
                "hook-class-name": "operators.hooks.airworthy.AirworthyHook",
                "hook-name": "Airworthy control plane",
                "ui-field-behaviour": {
                    "hidden-fields": ["schema", "login", "port", "extra"],
                    "relabeling": {
                        "host": "Control plane URL",
                        "password": "Workload secret",
                    },
                    "placeholders": {"host": "http://127.0.0.1:8080/airworthy"},
                },
            },
            {
                "connection-type": "airworthy_serving",
                "hook-class-name": "operators.hooks.serving.ServingHook",
                "hook-name": "Airworthy serving",
                "ui-field-behaviour": {
                    "hidden-fields": ["schema", "login", "port", "extra"],
                    "relabeling": {"host": "Serving admin URL", "password": "Admin token"},
                    "placeholders": {"host": "http://127.0.0.1:8091"},
                },
            },
        ],
        "notifications": ["operators.notifiers.slack.AirworthyNotifier"],
        "extra-links": [
            "operators.links.release.RolloutLink",
            "operators.links.release.VersionLink",
        ],
    }
