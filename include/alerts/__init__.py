"""Alerts as values: what they say, and how Slack shows them.

``stories`` words the alerts of our DAGs; ``blocks`` renders an alert in Slack's Block Kit. Who
records and delivers them stands above, in the operators.
"""
