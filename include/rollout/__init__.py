"""The rules of rollouts, without any serving system in them.

- ``states``     which state may follow which, and which are ends
- ``ownership``  who owns an endpoint, and the fencing token that proves it
- ``variants``   what a wanted state of an endpoint may look like
- ``safety``     what an owner may want at each state, and what an end must leave behind
- ``stopping``   what a person's request to stop means
- ``stages``     the way of a rollout, and what its endpoint should be at each stage
- ``candidates`` which registered version a release takes
"""
