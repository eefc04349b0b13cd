"""What people write, and what everything else reads: one spec per model.

- ``model``       the frozen models of a spec: every field, with its description
- ``compiled``    ``dags/compiled/<model>.json``: read by DAG files and steps, refused when stale
- ``compile``     YAML in, compiled spec out, or every problem at once
- ``compose``     Hydra: shared defaults and the overrides of an environment
- ``origins``     file, line and column of every value
- ``shape`` ``checks`` ``data_checks``   what the models refuse, and what no single field can say
- ``view``        a forgiving look at values that may not be a spec yet
- ``problems``    a finding, its place, and the line people read
- ``fields``      the fields by path, for messages and the two below
- ``reference`` ``schema``   ``docs/reference/spec.md`` and the schema that editors use
- ``survey`` ``sketch``   the first draft of a spec, from a CSV file

``model`` and ``compiled`` run everywhere; the rest runs where YAML and Hydra are installed.
"""
