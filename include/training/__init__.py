"""Fitting a model from rows and a spec.

``algorithm`` is the Protocol and ``algorithms`` the list of its implementations, one file each
(``logistic``, ``ridge``, ``forest``, ``svm``, ``xgboost``, ``network``, the naive ``baseline``);
``estimators`` holds what scikit-learn lacks for them. ``features`` says which columns may be seen
at all, ``matrix`` and ``target`` turn typed rows into what scikit-learn takes, ``preprocessing`` is
the part of every pipeline before its estimator. ``fit`` puts them together; ``prediction`` asks a
fitted model.
``serialization`` writes and reads pipelines without pickle, ``stored`` a model as two files;
``digest`` says when two models are equal, ``probe`` makes the rows they are tried on, ``report``
is what a training leaves to read.

A search: ``folds`` parts the training rows, ``scoring`` measures a recipe on them, ``knobs`` say
what may be turned, ``study`` keeps the trials of a run, ``search`` runs them within a budget.
``candidate`` is one algorithm from its search to a fitted model, with the ``importances`` of a
forest; ``ensemble`` combines candidates by held-out predictions, ``policy`` selects, ``outcomes``
and ``reporting`` are what all that leaves to read. ``threads`` keeps a fit to one.
"""
