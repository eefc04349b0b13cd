"""The messages of the control plane: what its routes take and give, what its client returns.

One module a domain; ``base`` holds what all share.
"""
