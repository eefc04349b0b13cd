"""DAG `compliance_report`: once a week, or when asked, the evidence of every live version.

What a report holds and what it does not claim: `docs/compliance.md`.
"""

from __future__ import annotations

from airflow.sdk import DAG, TriggerRule, chain

from operators.defaults import RELEASE_POOL, SUITE, defaults
from operators.forms import compliance_form
from operators.list_live_models import ListLiveModelsOperator
from operators.schedules import UNSCHEDULED, WEEKLY, WEEKLY_LIMIT
from operators.write_compliance_index import WriteComplianceIndexOperator
from operators.write_compliance_report import WriteComplianceReportOperator

CARD = """
### Compliance report

Writes a page and a JSON file for each live version, and a page that leads to them, below
`reports/compliance/<day>/` in the object store. The log of `index` says where.

**Purpose.** Evidence that is held for what rules ask, with its gaps on the first page. It does not
say that a rule is met.

**On demand.** `model` chooses one model, `as_of` another day: its rules, and what was live then.
"""

with DAG(
    "compliance_report",
    description="The evidence of every live version, and its gaps",
    doc_md=CARD,
    schedule=WEEKLY,
    start_date=UNSCHEDULED,
    catchup=False,
    params=compliance_form(),
    tags=["airworthy", "report"],
    default_args=defaults(SUITE, RELEASE_POOL),
    max_active_runs=1,
    dagrun_timeout=WEEKLY_LIMIT,
    is_paused_upon_creation=False,
) as compliance_report:
    live = ListLiveModelsOperator(task_id="live")
    report = WriteComplianceReportOperator.partial(
        task_id="report", map_index_template="{{ task.live['model'] }}"
    ).expand(live=live.output)
    index = WriteComplianceIndexOperator(
        task_id="index", listed="live", trigger_rule=TriggerRule.ALL_DONE
    )
    chain(live, report, index)
