"""Exercises of notebook 11, a table with holes."""

from course.exercise import desk
from course.half_observed import half
from course.poisson import counts
from course.predictive import predictive

hint, solution = desk(half, counts, predictive)
__all__ = ["counts", "half", "hint", "predictive", "solution"]
