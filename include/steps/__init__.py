"""Every piece of ML work as ``python -m include.steps.<name>``, behind one contract.

``contract`` says what a step is called with and what it leaves, ``call`` prepares a call and reads
a result (light: operators import it), ``code`` is the digest of the code that decides results.
``run`` is the runner that every step shares (``arguments``, ``context``, ``memory``): it reuses a
result that is there, writes a new one last, and ends with a typed exit code.

The steps, in the order of a training: ``acquire`` ``validate`` ``quarantine`` ``train``
``evaluate`` ``gate`` ``package`` ``track``. In place of ``train``, with a search: ``plan``, a
``fit_candidate`` for each algorithm, ``ensemble``, ``select``; what ``select`` leaves is named and
shaped like what ``train`` leaves. ``rows``, ``field``, ``contenders``, ``studies``, ``arrays``,
``told``, ``packaging``, ``registration`` and ``card`` are what single steps are made of.
"""
