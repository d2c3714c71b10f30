"""The VAE that has closed forms, an independent truth for the ELBO and its terms."""

import math

import keras
import numpy as np
import tensorflow_probability as tfp
from scipy import stats

from intelvae_keras import InteLVAE, likelihoods


def central_difference(function, at, direction, step=1e-6):
    """The derivative of a function along a direction, to the second order in the step."""
    return (function(at + step * direction) - function(at - step * direction)) / (2 * step)


class LinearGaussian:
    """The VAE that has closed forms: x = A y + b + s e, with y and e standard normal.

    The posterior q(y|x) = N(F x + f, L L^T) is linear too. All formulas are in float64.

    Attributes:
        A, b, s: The decoder, shapes (d, M), (d,), ().
        F, f, L: The posterior, shapes (M, d), (M,), (M, M) lower triangular.
    """

    def __init__(self, A, b, s, F, f, L):
        self.A, self.b, self.s, self.F, self.f, self.L = A, b, s, F, f, L

    @classmethod
    def random(cls, num_latents=2, num_values=4, seed=0):
        """A model with a posterior that is wrong, but wide enough to sample from."""
        rng = np.random.default_rng(seed)
        A = 0.8 * rng.normal(size=(num_values, num_latents))
        F = 0.1 * rng.normal(size=(num_latents, num_values))
        b, f = rng.normal(size=num_values), 0.3 * rng.normal(size=num_latents)
        L = np.eye(num_latents) + 0.3 * np.tril(rng.uniform(-1, 1, (num_latents, num_latents)))
        return cls(A, b, 0.7, F, f, L)

    @property
    def true_covariance(self):
        """The covariance of p(y|x)."""
        return np.linalg.inv(np.eye(self.A.shape[1]) + self.A.T @ self.A / self.s**2)

    def true_mean(self, x):
        """The mean of p(y|x)."""
        return (x - self.b) @ self.A @ self.true_covariance / self.s**2

    def with_exact_posterior(self):
        """The same model with q(y|x) = p(y|x)."""
        F = self.true_covariance @ self.A.T / self.s**2
        return LinearGaussian(
            self.A, self.b, self.s, F, -F @ self.b, np.linalg.cholesky(self.true_covariance)
        )

    def log_prob(self, x):
        """log p(x) = log N(x; b, A A^T + s^2 I)."""
        covariance = self.A @ self.A.T + self.s**2 * np.eye(len(self.b))
        return stats.multivariate_normal(self.b, covariance).logpdf(x)

    def reconstruction(self, x):
        """-E_q log p(x|y)."""
        residual = x - self.b - (x @ self.F.T + self.f) @ self.A.T
        expected_square = (residual**2).sum(-1) + ((self.A @ self.L) ** 2).sum()
        constant = len(self.b) * math.log(2 * math.pi * self.s**2)
        return (constant + expected_square / self.s**2) / 2

    def kl(self, x):
        """KL(q(y|x) || N(0, I))."""
        return gaussian_kl(x @ self.F.T + self.f, self.L @ self.L.T, 0, np.eye(len(self.f)))

    def kl_to_the_truth(self, x):
        """KL(q(y|x) || p(y|x)), the gap between log p(x) and the ELBO."""
        return gaussian_kl(
            x @ self.F.T + self.f, self.L @ self.L.T, self.true_mean(x), self.true_covariance
        )

    def sample(self, num_samples, seed=0):
        """Draws x, shape (num_samples, d), float32."""
        rng = np.random.default_rng(seed)
        y = rng.normal(size=(num_samples, self.A.shape[1]))
        x = y @ self.A.T + self.b + self.s * rng.normal(size=(num_samples, len(self.b)))
        return x.astype("float32")

    def of_observed(self, x):
        """Of one row with holes, NaN: log p(observed), and mean and covariance of the rest given it."""
        seen, covariance = ~np.isnan(x), self.A @ self.A.T + self.s**2 * np.eye(len(self.b))
        if not seen.any():
            return 0.0, self.b, covariance
        part = covariance[np.ix_(seen, seen)]
        log_prob = stats.multivariate_normal(self.b[seen], part).logpdf(x[seen])
        slope = np.linalg.solve(part, covariance[np.ix_(seen, ~seen)]).T
        mean = self.b[~seen] + slope @ (x[seen] - self.b[seen])
        rest = covariance[np.ix_(~seen, ~seen)] - slope @ covariance[np.ix_(seen, ~seen)]
        return log_prob, mean, rest

    def vae(self, mapping=None, missing=False, **kwargs):
        """The `InteLVAE`; with a mapping z = G y, the decoder holds A G^+.

        With `missing`, F weighs 0 in place of a hole, and the mask not at all.
        """
        num_values, num_latents = self.A.shape
        decoder_matrix = self.A
        if mapping is not None:
            decoder_matrix = self.A @ np.linalg.pinv(mapping.matrix)
        vae = InteLVAE(
            latent_dim=num_latents,
            encoder=keras.layers.Identity(),
            mapping=mapping,
            decoder=keras.layers.Dense(num_values),
            likelihood=likelihoods.Gaussian(scale=self.s, missing=missing),
            **{"posterior": "full", "seed": 0} | kwargs,
        )
        vae.build((None, num_values))
        vae.decoder.set_weights([decoder_matrix.T, self.b])
        raw = np.where(np.eye(num_latents) == 1, inverse_softplus(self.L), self.L)
        raw = tfp.math.fill_triangular_inverse(raw).numpy()
        kernel = np.concatenate([self.F.T, np.zeros((num_values, len(raw)))], axis=-1)
        if missing:
            kernel = np.concatenate([kernel, np.zeros_like(kernel)])
        vae.posterior_layer.linear.set_weights([kernel, np.concatenate([self.f, raw])])
        return vae


def inverse_softplus(scale):
    """The raw value of a posterior scale = softplus(raw + c) + 1e-5, with c = log(e - 1)."""
    with np.errstate(invalid="ignore", divide="ignore"):  # off the diagonal
        return np.log(np.expm1(scale - 1e-5)) - math.log(math.e - 1)


def gaussian_kl(mean, covariance, other_mean, other_covariance):
    """KL(N(mean, covariance) || N(other_mean, other_covariance)), means (N, M)."""
    precision = np.linalg.inv(other_covariance)
    shift = np.atleast_2d(mean - other_mean)
    squares = np.einsum("ni,ij,nj->n", shift, precision, shift)
    logdets = np.linalg.slogdet(other_covariance)[1] - np.linalg.slogdet(covariance)[1]
    return (np.trace(precision @ covariance) + squares - len(covariance) + logdets) / 2
