"""The ``airworthy`` command.

- ``main``      finds the command in a table and imports only its module
- ``spec``      ``airworthy spec``: check, compile, show, schema, docs
- ``drafting``  ``airworthy spec new``
- ``arrivals`` ``suite`` ``serving`` ``control``   the other commands, one application each
"""
