"""Figures that only the claims' page needs."""

from benchmarks.claims.figures.differences import colour_key, difference_map
from benchmarks.claims.figures.errors import error_lines
from benchmarks.claims.figures.points import point_panels
from benchmarks.claims.figures.rows import image_rows
from benchmarks.claims.figures.tradeoff import tradeoff

__all__ = ["colour_key", "difference_map", "error_lines", "image_rows", "point_panels", "tradeoff"]
