"""Telling people: ``slack`` is the notifier of every task, ``delivery`` the way of one alert."""
