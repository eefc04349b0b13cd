"""What requests show of the versions that answer them, and what may be concluded from it.

- ``tally``   the values: counts, histograms and moments of one variant in one phase of an endpoint
"""
