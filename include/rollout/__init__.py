"""The rules of rollouts, without any serving system in them.

- ``planning``   the frozen plan of a rollout, made of the spec
- ``patience``   how long the parts of a release may take
- ``progress``   how far a rollout has come: all that the rules look at beside its plan
- ``machine``    (plan, progress, observation) -> what to do next
- ``clearing``   how a stage is cleared: by evidence that passes, or by people
- ``judging``    what the evidence says of a stage; ``signals`` has one module for each signal
- ``telling``    what was seen of a stage, in words
- ``simulation`` a plan played against a script
- ``states``     which state may follow which, and which are ends
- ``stages``     the way of a rollout, and what its endpoint should be at each point of it
- ``ownership``  who owns an endpoint, and the fencing token that proves it
- ``variants``   what a wanted state of an endpoint may look like
- ``safety``     what an owner may want at each point, and what an end must leave behind
- ``stopping``   what a request to stop means
- ``rollbacks``  going back after a promotion
- ``candidates`` which registered version a release takes
"""
