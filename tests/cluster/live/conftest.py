"""The fixtures of KServe, and the chart."""

# pytest finds fixtures by the names that a conftest.py has.
from tests.cluster.chart.conftest import chart as chart
from tests.support.kserve_fixtures import held_back as held_back
from tests.support.kserve_fixtures import stand_in as stand_in
