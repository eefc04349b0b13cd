"""Serving: what answers prediction requests, and who keeps it answering.

``endpoint``        the values: what a driver is asked for, what it reports, the driver's Protocol
``local_driver``    the driver of the embedded suite: a client of the daemon
``kserve``          the driver of a Kubernetes with KServe: InferenceServices
``watching``        what an observation says of a stage of a rollout
``prometheus``      sources of evidence where no router of ours counts: a Prometheus, or the
                    metrics of the variants' own servers

The daemon (``daemon``), seen from its doors inwards:
``admin``           the door of whoever manages endpoints; ``documents`` are its JSON
``router``          the door of prediction traffic, over an HTTP of its own (``wire``);
                    ``dispatch`` is one prediction, ``choice`` picks the variant, ``attempt`` asks
                    one replica, ``upstream`` talks to its server; ``mirror`` sends copies to
                    shadows, ``limits`` refuses what is too much
``witness``         predictions as values, and the Protocol of whoever is told of each one:
                    ``measures`` for Prometheus, ``ledger`` for evidence; ``said`` reads an answer
``recording``       what is remembered over restarts: ``counts`` of a variant grow in a ``ledger``,
                    ``keeping`` writes them; ``predictions`` is the log of them, a ``journal`` in
                    ``segments``, read back by ``journal_reader``
``outcomes``        the door of late labels: ``joining`` finds what is ``recent`` (``remembering``
                    reads it back after a restart), ``losses`` compares
``intake``, ``replying``, ``faults``   bodies with a limit, whole answers, errors with a status
``fleet``           all endpoints: ``fencing`` admits a wanted state, ``desired`` keeps it on disk
``hosted``          one endpoint: brings its ``deployment``s to the wanted state, swaps, retires;
                    ``remarks`` say how its variants stand
``replica``         one model server: start, watch (``vigil``), start again (``backoff``), drain;
                    ``process`` is its operating system half, ``servers`` the record for adoption,
                    ``reason`` why it ended, ``streak`` what it failed lately, ``packages`` its
                    verified local copy

A model server (the steps' environment):
``model_server``    KServe's server around one package; ``guard`` its limits, ``refusing`` its
                    errors, ``exposed`` its metrics
``package``         a folder with a manifest; ``loaded`` the model from it
``features``, ``inference``   the contract of the inputs, and requests as columns
"""
