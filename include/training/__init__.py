"""Fitting a model from rows and a spec.

``algorithm`` is the Protocol and ``algorithms`` the list of its implementations, one file each
(``logistic``, ``ridge``). ``features`` says which columns may be seen at all, ``matrix`` and
``target`` turn typed rows into what scikit-learn takes, ``preprocessing`` is the part of every
pipeline before its estimator. ``fit`` puts them together; ``prediction`` asks a fitted model.
``serialization`` writes and reads pipelines without pickle, ``stored`` a model as two files;
``digest`` says when two models are equal, ``probe`` makes the rows they are tried on, ``report``
is what a training leaves to read.
"""
