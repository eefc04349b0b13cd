"""The compliance report of a live version: evidence that is held, and gaps shown as gaps.

- ``records``     what a report is made of: sections with facts, tables, charts and gaps
- ``history``     what was live when, from the rollouts
- ``documents``   what is read of the documents that steps left
- ``reading``     reads objects, checks their digests, remembers each as an evidence item
- ``evidence``    gathers all of one version; what is missing stays there as ``Missing``
- ``requirements`` the dated pack (``packs/*.yaml``): what was in force on a day
- ``sections``    one module a section
- ``report``      puts sections, gaps and requirements together
- ``figures``     intervals as lengths, for the drawings of the page
- ``page``        HTML that stands alone; ``publish`` writes it beside its JSON

Nothing here claims that a rule is met: a report names the evidence for what a rule asks.
"""
