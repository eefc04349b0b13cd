"""The rules of rollouts, without any serving system in them.

- ``states``     which state may follow which, and which are ends
- ``ownership``  who owns an endpoint, and the fencing token that proves it
- ``variants``   what a wanted state of an endpoint may look like
- ``stages``     the way of a rollout, and what its endpoint should be at each stage
- ``candidates`` which registered version a release takes
"""
