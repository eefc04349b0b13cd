"""A step as a pod: what is asked of Kubernetes, and what its answers mean. Plain values, no client.

``settings`` is what an installation says about its pods; ``quantity`` reads and scales amounts;
``labels`` tells a pod from every other; ``images`` chooses the image of a step; ``manifest``
renders a step as a pod; ``placement`` says which node or quota can never take it; ``observed`` is
a pod as the API server describes it; ``ending`` says how it ended, or why it never will;
``refusal`` words what the API server refuses; ``leftovers`` names the pods that nobody wants.
"""
