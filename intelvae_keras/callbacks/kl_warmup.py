"""The KL's weight, raised while training."""

from intelvae_keras.callbacks.ramp import Ramp


class KLWarmup(Ramp):
    """Weight of the KL that rises linearly from 0 to the model's beta.

    Without it, a decoder that is still poor makes the posterior collapse to the prior, from which a
    small VAE, above all one with a learned variance, may never return. The `loss` rises along with
    the weight; `elbo`, which has the full KL at all times, is the number to watch.

    It concerns training alone: `evaluate`, and `val_loss` while fitting, have the full weight at all
    times. So `val_loss` tells a checkpoint of the middle of a warm-up from a better one. Let the
    warm-up end before training does; a later `fit` without it has the full weight again, and says so.
    Source: Bowman et al. (2016), "Generating sentences from a continuous space", section 3.1.

    ```python
    vae.fit(x, epochs=30, callbacks=[callbacks.KLWarmup(epochs=10)])
    ```

    Args:
        epochs: Epochs over which the weight grows (fractions are allowed; with a stream of unknown
            length it grows between the epochs only); or
        steps: optimizer steps over which it grows.

    Raises:
        TypeError: If the one given is not a number.
        ValueError: Unless exactly one is given, and it is > 0.
    """

    schedules = ("kl_weight",)

    def apply(self, progress: float) -> None:
        """Sets the proportion of beta in force."""
        self.model.kl_weight.assign(progress)
