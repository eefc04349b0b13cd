"""The fixtures of KServe."""

# pytest finds fixtures by the names that a conftest.py has.
from tests.support.kserve_fixtures import driver as driver
from tests.support.kserve_fixtures import endpoint as endpoint
from tests.support.kserve_fixtures import endpoints as endpoints
from tests.support.kserve_fixtures import held_back as held_back
from tests.support.kserve_fixtures import stand_in as stand_in
from tests.support.kserve_fixtures import zone as zone
