"""Plays a plan against a script: what would this release have done?

- ``script``   what happens: traffic, behaviour of both versions, outages, answers of people
- ``traffic``  requests drawn from the script, counted as the serving side counts them
- ``world``    answers the machine's actions as the script says
- ``play``     the whole story of one rollout
"""
