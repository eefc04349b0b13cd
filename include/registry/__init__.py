"""The rules by which versions of models get their numbers.

- ``signature``  what a model takes and gives, and which changes of it callers survive
- ``semantic``   a version number, and the next one after a change
- ``announcing`` which registrations are told to Airflow, and how

A number says what a caller has to do: *major* when requests or answers change their shape,
*minor* when the model behaves differently, *patch* when only the data behind it changed.
"""
