"""Evidence from metrics: what a Prometheus scraped, or what the variants' servers say themselves.

``configuration``   what an installation says; ``building`` makes a source of it
``phases``          what a source has to be told: whose requests, since when; a driver knows
``source``          counts by a Prometheus: ``client`` asks it over HTTP, ``answers`` are its JSON
``pods``            counts by the servers' own ``/metrics``: ``reading`` asks, ``exposition``
                    reads the text, ``notes`` keep where counting began over a restart
``templates``       which series tell of a variant, as ``selectors``
``growth``          counts since the phase began, over resets and restarts, from ``series``
``tallies``         those counts as the tally that is judged
``preflight``       what keeps a release from beginning, from ``facts`` that a look has found
``conditions``      why counts are not known just now
"""
