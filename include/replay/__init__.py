"""Traffic from rows that no version was trained on, and the truth about them, later.

``identity`` what makes two rows the same application · ``landing_zone`` what has arrived and what
versions were made of · ``held_back`` the rows that may be sent, and of which population they are ·
``request`` a row as a prediction request · ``outcomes`` labels, after a delay · ``traffic``
requests at a fixed rate, whatever the answers do · ``tally`` what became of them, and what that
says
"""
