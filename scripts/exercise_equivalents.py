"""Changes of the course's solutions that are no faults, each with the reason: see `exercise_mutants.py`.

The checks are right to accept them. A change is named as the script prints it.
"""

LAST = "axis -(-1) is axis 1, the last of two"
POINT = "at y = 0 any point will do, and it is divided by its length afterwards"
ARRAY = "what the exercise gives is an array already"
POINTS = "the softmax can be compared at any rows, if some are large and two widths occur"
INTEGER = "an integer of NumPy is an index, too"
EDGE = "no number of floating point is exactly at the edge"

EQUIVALENTS: dict[str, dict[str, str]] = {
    "ch01-kl": {"minus: 1 -> (-1)": LAST},
    "ch01-draw": {
        "operator: mean + tf.exp(0.5 * log_variance) * noise -> "
        "(mean - tf.exp(0.5 * log_variance) * noise)": "minus N(0, 1) is N(0, 1)",
    },
    "ch03-weight": {
        "swapped: min(step / warmup_steps, 1.0) -> min(1.0, step / warmup_steps)": "min is symmetric",
    },
    "ch03-off": {
        "comparison: np.array(nearest) > threshold -> (np.array(nearest) >= threshold)": EDGE,
    },
    "ch03-collapsed": {
        "comparison: np.mean(kl, axis=0) < 0.01 -> (np.mean(kl, axis=0) <= 0.01)": EDGE,
    },
    "ch05-circle": {
        "minus: 1 -> (-1)": LAST,
        "minus: 1 -> (-1) (2)": LAST,
        "comparison: length > 1e-6 -> (length >= 1e-06)": EDGE,
        "zero: 1e-6 -> 0": "squares below 1e-38 are 0 in float32, so a length above 0 is no tiny one",
        "plus one: 1.0 -> 2.0": POINT,
        "minus: 1.0 -> (-1.0)": POINT,
        "plus one: 0.0 -> 1.0": POINT,
    },
    "ch05-kl_term": {"minus: 1 -> (-1)": LAST},
    "ch06-choice": {
        'call dropped: int(np.argmax([run["training ELBO"] for run in runs])) -> '
        "(np.argmax([run['training ELBO'] for run in runs]))": INTEGER,
    },
    "ch07-hoyer": {
        "sign dropped: -1 -> (1)": LAST,
        "minus: 1 -> (-1)": LAST,
        "minus: 1 -> (-1) (2)": LAST,
    },
    "ch08-interval": {
        "call dropped: np.asarray(a) -> (a)": ARRAY,
        "call dropped: np.asarray(b) -> (b)": ARRAY,
    },
    "ch08-active": {
        "call dropped: np.asarray(decode(z[None])) -> (decode(z[None]))": ARRAY,
        "call dropped: np.asarray(decode(without[None])) -> (decode(without[None]))": ARRAY,
        "call dropped: int(np.argmax(changes)) -> (np.argmax(changes))": INTEGER,
    },
    "ch09-chain": {
        "minus: 1 -> (-1)": LAST,
        "minus: 1 -> (-1) (2)": LAST,
        "minus: 1 -> (-1) (3)": LAST,
    },
    "ch09-width": {"flipped: True -> False": "both lists have one length"},
    "ch10-simplex": {"minus: 1 -> (-1)": LAST},
    "ch10-layer": {"minus: 1 -> (-1)": LAST},
    "ch10-own": {
        "zero: 1 -> 0": "four numbers in order, made of all three latents, are in order too"
    },
    "ch10-judge": {
        "plus one: 0 -> 1": POINTS,
        "plus one: 1 -> 2": POINTS,
        "minus: 1 -> (-1)": POINTS,
        "plus one: 6 -> 7": POINTS,
        "plus one: 3 -> 4": POINTS,
        "plus one: 500 -> 501": POINTS,
        "minus: 500 -> (-500)": POINTS,
        "plus one: 4 -> 5": POINTS,
        "plus one: 5 -> 6": POINTS,
        "operator: scale * rng.normal(size=shape) -> (scale / rng.normal(size=shape))": POINTS,
        "swapped: np.allclose(z, scipy.special.softmax(y, axis=1), atol=2e-3) -> "
        "np.allclose(scipy.special.softmax(y, axis=1), z, atol=0.0...": "both are near each other",
    },
}


def reason(exercise: str, change: str) -> str | None:
    """Why a change of an exercise's solution is no fault; None if it is one."""
    return EQUIVALENTS.get(exercise, {}).get(change)
