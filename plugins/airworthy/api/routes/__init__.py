"""The routes, one module a domain: parse, authorise, call, answer.

Each route names its action in an ``Allowed`` dependency; ``include.access.permission`` says whose
it is. The one without is the exchange of tokens, whose caller has none yet.
"""
