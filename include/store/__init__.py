"""Objects by URI, written atomically.

``objects`` is the Protocol and ``open_store`` in ``open`` the one place that builds it. ``uri``
takes a URI apart and refuses what leads elsewhere. ``local`` keeps objects as files, ``remote``
asks fsspec for every other scheme, ``fsspec_store`` is both behind one door. ``failures`` turns
what a file system raises into the error tree.
"""
