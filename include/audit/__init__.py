"""The audit trail: what happened, as canonical bytes that an outsider can hash.

- ``occurrence``  what is told of a change, and under which circumstances it happened
- ``entry``       its canonical body (RFC 8785) and the salted commitment to its payload
- ``trail``       ``record``: the one way into the trail, and the port it writes through

Nothing personal stands in a body: names of people and the reasons they typed are in the payload,
which can be erased alone; the body keeps the commitment, so that the trail still verifies.
"""
