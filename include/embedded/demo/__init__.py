"""``make demo``: one model's life told through public doors only, with people's own log-ins.

``story`` the acts in order · ``people`` who acts, and their doors · ``trigger`` starting a run ·
``training`` a run to its end · ``release`` a version on its way to traffic, its ``stages`` ·
``answers`` what people say where they are asked · ``outside`` the callers · ``request`` a real
prediction · ``damage`` what became of bad rows · ``harm`` where a bad candidate was stopped ·
``follow`` waiting for a run · ``progress`` what is shown · ``summary`` what is kept, ``table`` what
people read of it
"""
