"""What may be wrong with a g, said to the learner: for the exercises of notebook 10."""

import keras
import numpy as np

from course.exercise import GivesNaN, close, numbers
from intelvae_keras import mappings

# What of `mappings.check` an answer in NumPy can pass too, and what to say of a fault.
_ADVICE = {
    "same each time": "A g must be without randomness.",
    "row by row": "Map each row by itself.",
    "finite": "Do you divide 0 by 0? In float32, exp(89) is already infinite.",
    "saves": "A saved model finds the class by its name, and calls it with what `get_config` returns.",
    "holds": "What you built it for must hold at every y.",
}
_AND_IN_TENSORFLOW = {
    "gradient": "The encoder learns through it: does a stop_gradient or a rounding hold it back?",
    "finite gradient": "A `where` computes the gradient of both branches: make the unused one harmless.",
    "huge": "Do squares overflow? Divide by the largest entry first.",
}


def fault_of(g, latent_dim, holds=None, in_tensorflow=False):
    """What `mappings.check` finds wrong with g, in a sentence to the learner; None if nothing."""
    report = mappings.check(g, latent_dim, holds)
    for name, advice in (_ADVICE | (_AND_IN_TENSORFLOW if in_tensorflow else {})).items():
        if name in report.failed:
            return f"mappings.check, {name}: {report[name].message}. {advice}"
    return None


def softmax(y):
    """Weights of K corners, >= 0 with sum 1: y, shape (batch, K), to z, shape (batch, K)."""
    return keras.ops.softmax(y, axis=-1)


def are_weights(z):
    """Whether each z is >= 0 with sum 1: shape (N, K) to (N,)."""
    return (z > -1e-6).all(axis=-1) & (np.abs(z.sum(axis=-1) - 1) < 3e-3)


# Only differences count: 1000, 999, 998 have the weights of 2, 1, 0.
_FAR_OUT = np.array([[1000, 999, 998], [-998, -1000, -999], [60, 58, 0], [0, 0, 0]], "float32")
_FAR_OUT_TOO = np.array([[1000, 999, 998], [-1000, -1000, -1000], [3, -900, 2]], "float32")


def wrong_far_out(answer, sharpness=1.0):
    """What is wrong with the weights of large latents, in a sentence; None if nothing."""
    for y in (_FAR_OUT, _FAR_OUT_TOO):
        try:
            z = numbers(answer(y / np.float32(sharpness)), (len(y), 3))
        except GivesNaN:
            alone = numbers(answer(y[:1] / np.float32(sharpness)), (1, 3))
            if close(alone, softmax(y[:1]), 3e-3):
                return (
                    "It gives NaN for a batch with unlike rows, and not for a row by itself. Subtract "
                    "the largest entry of each row, not that of the batch."
                )
            raise
        worst = np.abs(z - softmax(y)).max(axis=1).argmax()
        if not close(z[worst], softmax(y)[worst], 3e-3):
            at, right = (
                ", ".join(f"{v:g}" for v in row[worst]) for row in (y, np.round(softmax(y), 3))
            )
            return (
                f"Far out it is not the softmax: for s y = ({at}) it should be ({right}); yours gives "
                f"({', '.join(f'{v:.3g}' for v in z[worst])}). Do not clip y: only differences count."
            )
    return None
