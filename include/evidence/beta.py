"""Tail of the Beta distribution, for mixtures over a share that lies above a limit."""

from __future__ import annotations

from math import exp, inf, lgamma, log, log1p

_TINY, _PRECISION, _TERMS = 1e-300, 1e-11, 20_000


def log_beta(a: float, b: float) -> float:
    """Return the logarithm of the Beta function, for positive `a` and `b`."""
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def log_mass_above(a: float, b: float, share: float) -> float:
    """Return the logarithm of the probability that Beta(a, b) exceeds ``share`` in [0, 1].

    It is the regularised incomplete beta function I(1 - share; b, a), by its continued fraction
    (NIST Digital Library of Mathematical Functions, 8.17.22), on the side where it converges fast.
    """
    if share <= 0:
        return 0.0
    if share >= 1:
        return -inf
    below_mode = 1 - share < (b + 1) / (a + b + 2)
    if below_mode:
        return _log_by_fraction(b, a, 1 - share)
    return log1p(-min(exp(_log_by_fraction(a, b, share)), 1 - 1e-16))


def _log_by_fraction(a: float, b: float, x: float) -> float:
    front = a * log(x) + b * log1p(-x) - log_beta(a, b) - log(a)
    return front + log(_fraction(a, b, x))


def _fraction(a: float, b: float, x: float) -> float:
    """Evaluate the continued fraction from its front (Lentz), to eleven digits."""
    upper, lower = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = lower
    for m in range(1, _TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            lower = 1 / _away(1 + term * lower)
            upper = _away(1 + term / upper)
            value *= upper * lower
        if abs(upper * lower - 1) < _PRECISION:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
