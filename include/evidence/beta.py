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
    """Evaluate the continued fraction from its front (Lentz), to eleven digits.

    A look spends most of its time here, so a part that vanishes is kept from zero in place.
    """
    upper, lower = 1.0, 1 / ((1 - (a + b) * x / (a + 1)) or _TINY)
    value = lower
    for m in range(1, _TERMS):
        place = a + 2 * m
        even = m * (b - m) * x / ((place - 1) * place)
        lower = 1 / ((1 + even * lower) or _TINY)
        upper = (1 + even / upper) or _TINY
        value *= upper * lower
        odd = -(a + m) * (a + b + m) * x / (place * (place + 1))
        lower = 1 / ((1 + odd * lower) or _TINY)
        upper = (1 + odd / upper) or _TINY
        value *= upper * lower
        if abs(upper * lower - 1) < _PRECISION:
            break
    return value
