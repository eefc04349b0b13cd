"""Data: taking it in, judging it, setting rows aside, reading it back with types.

``acquisition`` takes the CSV files of a run's partitions (``csv_file`` reads them strictly) into
a ``dataset`` version: ``rows`` of text, each with a ``row_key``. ``validation`` judges them: their
``columns``, each row by the ``contract`` (``violations``), the good rows by ``expectations``, all
in one ``quality`` score and a ``report``. ``quarantine`` parts the batch. ``types`` says what a
text means, ``frame`` gives typed rows to training and evaluation, ``split`` sets the test window
apart. ``arrivals`` lets the data that ships (``sets``, ``mortgage``, ``bikes``) arrive, whole,
damaged and broken.
"""
