"""What DAGs do: one operator a file, each acts once, idempotently, and never waits.

Training: ``acquire_partition`` and ``run_step`` run steps (``runtimes`` says where),
``branch_on_outcome`` follows a verdict, ``raise_alert`` tells people, ``register_version`` asks
the registry, ``settle_training`` gives the run its colour.
Release: ``choose_version``, ``open_rollout``, ``branch_on_approval``, ``open_decision``,
``branch_on_decision``, ``refuse_rollout``, ``deploy_dark``, ``smoke_test``, ``branch_on_plan``;
``apply_stage``, ``branch_on_stage``, ``ask_about_stage``, ``branch_on_answer``, ``extend_stage``
for each stage (``at_stage`` is the one a task is about); ``promote_version``, ``roll_back``,
``settle_release``. ``stage`` is the base of those that act on an open rollout.
Shared: ``task`` is the base class, ``run`` and ``results`` what a task knows about its run,
``defaults``, ``forms`` and ``schedules`` what DAGs of one model have in common. ``hooks`` turn
Airflow connections into typed clients, ``notifiers`` deliver alerts, ``links`` lead to the
console, ``provider`` is what Airflow asks the package for.
"""
