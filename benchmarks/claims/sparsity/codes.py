"""Claim 6: what sparse codes buy, read off the models of claim 5 by simple classifiers."""

import hashlib

import numpy as np
from tensorflow_probability import distributions as tfd

from intelvae_keras import metrics

CLASSIFIERS = {"logistic": "logistic regression", "tree": "decision tree"}
LABELS = (50, 100, 500, 5_000)
NOISE = (0.1, 0.2, 0.3)
DROPPED = (0.1, 0.25, 0.5)
DRAWS = 5
# Nats. Dead latents have some hundredths at most, the least of the live ones some tenths.
LIVE = 0.1


def measure(vae, data, seed):
    """The accuracies of probes of the whole codes, and "live": those of the live latents alone.

    The second is the control. A dead latent is noise to a probe, which a sparse model may switch off: to
    leave it out needs no sparse code. Which latents are live is read off the validation data, without labels.
    """
    columns, codes = live(vae, data.x_validation), _Codes(vae)
    alone = _probed(_Columns(codes, columns), data, seed)
    return _probed(codes, data, seed) | {"live": alone | {"latents": len(columns)}}


def live(vae, x):
    """The latents whose mean KL to the prior is at least `LIVE` nats, or the one with most; ascending.

    For a diagonal q, and a prior of independent latents.
    """
    q = vae.posterior(x)
    mean, stddev = (np.asarray(values)[..., np.newaxis] for values in (q.mean(), q.stddev()))
    one = tfd.MultivariateNormalDiag(mean, stddev)  # each latent by itself
    kl = np.mean(vae.prior.kl_divergence(one, one.mean()), axis=0)
    return np.flatnonzero(kl >= min(LIVE, kl.max()))


class _Codes:
    """A model that encodes the same data once: every probe reads them again."""

    def __init__(self, vae):
        self.vae, self.likelihood, self.known = vae, vae.likelihood, {}

    def encode(self, x):
        key = hashlib.sha256(np.ascontiguousarray(x)).digest()
        if key not in self.known:
            self.known[key] = self.vae.encode(x)
        return self.known[key]


class _Columns:
    """A model whose codes are some latents of another's."""

    def __init__(self, vae, columns):
        self.vae, self.columns, self.likelihood = vae, columns, vae.likelihood

    def encode(self, x):
        return self.vae.encode(x)[:, self.columns]


def _probed(vae, data, seed):
    """The accuracy from few labels, under noise in the pixels, and without some dimensions.

    The last two are of a probe that was trained on the clean codes of the most labels.
    """
    z_train, z_test = vae.encode(data.x_train), vae.encode(data.x_test)
    few, noise, dropped = {}, {}, {}
    for kind in CLASSIFIERS:
        few[kind] = [
            metrics.linear_probe(
                z_train, data.y_train, z_test, data.y_test, count, kind, DRAWS, seed
            ).accuracy
            for count in LABELS
        ]
        most = slice(LABELS[-1])
        probe = metrics.train_probe(z_train[most], data.y_train[most], kind, seed, z_train)
        noise[kind] = metrics.noise_robustness(
            vae, data.x_test, data.y_test, probe, NOISE, seed
        ).tolist()
        dropped[kind] = metrics.dropout_robustness(
            z_test, data.y_test, probe, DROPPED, seed=seed
        ).tolist()
    return {"few_labels": few, "pixel_noise": noise, "dropped": dropped}
