"""The alert rules of the examples, played by Prometheus's own tool: each fires, and is quiet."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

RULES = Path(__file__).parents[3] / "docs/examples/prometheus-rules.yaml"
OURS = 'airworthy_model_requests_total{model="loans",version="2.0.0",code="%s"}'
HERE = 'airworthy_model_start_time_seconds{model="loans",version="2.0.0"}'
UP = 'up{job="models",instance="a"}'


def said_of(alert, labels):
    """Return the texts of an alert with its labels in them."""
    rules = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    (texts,) = [rule["annotations"] for rule in rules if rule["alert"] == alert]
    pattern = r"\{\{ \$labels\.(\w+) \}\}"
    return {k: re.sub(pattern, lambda m: labels[m[1]], text) for k, text in texts.items()}


def played(series, alert, at, fires, folder):
    """Return what the tool says of one alert after minutes of given series."""
    expected = [{"exp_labels": one, "exp_annotations": said_of(alert, one)} for one in fires]
    page = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": k, "values": v} for k, v in series.items()],
                "alert_rule_test": [{"eval_time": at, "alertname": alert, "exp_alerts": expected}],
            }
        ],
    }
    file = folder / "test.yaml"
    file.write_text(yaml.safe_dump(page))
    return subprocess.run(
        ["promtool", "test", "rules", str(file)], capture_output=True, text=True, check=False
    )


@pytest.fixture(autouse=True)
def tool():
    if shutil.which("promtool") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no promtool, and CI plays the alert rules: install prometheus")
        pytest.skip("no promtool on this machine: the alert rules are not played")


LOANS = {"model": "loans", "version": "2.0.0", "severity": "critical"}
NOT_SCRAPED = {"job": "models", "instance": "a", "severity": "warning"}
QUIET = {HERE: "1+0x30"}


@pytest.mark.parametrize(
    ("alert", "series", "fires"),
    [
        ("AirworthyModelNotScraped", {UP: "1 0x30"}, [NOT_SCRAPED]),
        ("AirworthyModelNotScraped", {UP: "1+0x30"}, []),
        ("AirworthyModelFails", {OURS % 200: "0+90x30", OURS % 503: "0+10x30"}, [LOANS]),
        ("AirworthyModelFails", {OURS % 200: "0+99x30", OURS % 503: "0+1x30"}, []),
        ("AirworthyModelFails", {OURS % 200: "0+99x30"}, []),
        ("AirworthyModelMetricsMissing", {UP: "1+0x30"}, [{"severity": "warning"}]),
        ("AirworthyModelMetricsMissing", QUIET, []),
    ],
)
def test_rule(alert, series, fires, tmp_path):
    said = played(series, alert, "20m", fires, tmp_path)
    assert said.returncode == 0, said.stdout + said.stderr
