"""No DAG: shows every compiled spec that cannot be used as an import error of this file.

An import error takes all DAGs of its file off Airflow's list, so the factories beside this file
pass over an unusable spec without a word, and the word is said here.
"""

from __future__ import annotations

from pathlib import Path

from include import settings
from include.errors import SpecInvalid
from include.spec.shelf import shelf

FOLDER = Path(__file__).parent / "compiled"

if _problems := shelf(FOLDER, settings.read().environment).problems:
    raise SpecInvalid(_problems, where=str(FOLDER))
