"""The DAG bundle.

``train`` and ``release`` make the DAGs of every model; ``specs`` reports what cannot be used.
``models`` is what people write, ``compiled`` what the factories read.
"""
