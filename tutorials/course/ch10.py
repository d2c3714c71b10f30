"""Exercises of notebook 10, a clinic for a g of your own."""

from course.broken_judge import RIGHT, WRONG, broken, judge
from course.diagnostics import sees
from course.exercise import desk
from course.mapping_faults import fault_of
from course.own_mapping import own, property_of
from course.saved_layer import layer

hint, solution = desk(own, layer, sees, broken, judge)
__all__ = [
    "RIGHT",
    "WRONG",
    "broken",
    "fault_of",
    "hint",
    "judge",
    "layer",
    "own",
    "property_of",
    "sees",
    "solution",
]
