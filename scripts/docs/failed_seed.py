"""A model that failed, for the half-way explorer: `python -m scripts.docs.failed_seed` trains it.

Its gap stands open from the first step, 3 wide. In about one seed of ten to twenty, some of one digit then
begin on the other's side and never get across. The repository holds it, since not every machine fails in
the same seed.
"""

import keras
import numpy as np

from intelvae_keras import callbacks, datasets, mappings, metrics
from intelvae_keras.explorer import export
from intelvae_keras.model import InteLVAE
from intelvae_keras.presets import digits
from scripts.docs.models import FAILED, reads

NAME, SEED = "mnist01-failed", 4
WARMUP = 0.3  # of the epochs: the schedule of before, with the gap of before


def train() -> tuple[InteLVAE, np.ndarray, np.ndarray]:
    """The digits' networks, with the schedule and the gap of before: 3 wide, and never closed."""
    (x, labels), _ = datasets.load("mnist01")
    keras.utils.set_random_seed(SEED)
    vae = digits.build(mappings.Clusters(2, strength=3.0, width=0.01), seed=SEED)
    digits.compile_model(vae, digits.EPOCHS)
    warmup = callbacks.KLWarmup(epochs=WARMUP * digits.EPOCHS)
    vae.fit(x, epochs=digits.EPOCHS, batch_size=digits.BATCH, callbacks=[warmup], verbose=2)
    return vae, x, labels


def main() -> None:
    """Trains, says how badly, and writes the decoder."""
    vae, x, labels = train()
    judge = metrics.train_classifier(x, labels)
    unsure = metrics.uncertain_fraction(vae.sample(10_000, seed=0), judge)
    part = np.asarray(vae.mapping.part(np.asarray(vae.posterior(x).mean())))
    strayed = [np.mean(part[labels == digit] != digit) for digit in (0, 1)]
    strayed = min(
        strayed, [1 - value for value in strayed], key=sum
    )  # either digit may lie on the left
    print(f"uncertain {unsure:.2%}; on the other digit's side: {strayed[0]:.1%}, {strayed[1]:.1%}")
    about = {"reads": reads(vae, judge), "strayed": round(float(max(strayed)), 4)}
    export(vae, about=about).save(FAILED, NAME)


if __name__ == "__main__":
    main()
