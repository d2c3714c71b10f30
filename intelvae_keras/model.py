"""InteLVAE, the map of the whole: x -> encoder -> posterior -> y -> mapping -> z -> decoder -> p(x|z)."""

from typing import Any, NamedTuple

import keras
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from intelvae_keras import likelihoods, mappings, posteriors, priors
from intelvae_keras._engine import checks, finite, old_keras, parts, replicas, settings, unseen
from intelvae_keras._engine.compiled import Compiled
from intelvae_keras._engine.precision import full_precision, require_real_numbers
from intelvae_keras.inference import Inference


class Terms(NamedTuple):
    """The terms of the loss, in nats.

    Attributes:
        reconstruction: -log p(x|z) for the sampled z, shape (batch,).
        kl: KL(q(y|x) || p(y)), shape (batch,).
        mapping_loss: The sum of the mapping's own losses, a scalar.
        added_losses: The sum of all added losses: the mapping's and the networks' regularisers.
        z: The latents g(y) of the sampled y, shape (batch, D).
    """

    reconstruction: tf.Tensor
    kl: tf.Tensor
    mapping_loss: tf.Tensor
    added_losses: tf.Tensor
    z: tf.Tensor


@keras.saving.register_keras_serializable(package="intelvae_keras")
class InteLVAE(Inference):
    """A variational autoencoder whose latents z = g(y) carry an inductive bias.

    What you call, in the order of use:

    - `compile`, `fit`, `evaluate`: train it, and measure the ELBO in nats;
    - `predict`, `encode`, `decode`: reconstruct x, take its latents z, draw what z stands for;
    - `sample`, `log_likelihood`, `posterior`: draw new x, estimate log p(x), look at q(y|x);
    - `save`, `export`, `explore`, `summary`: keep it, serve it, look at it in a page, list its parts.

    The Gaussian stays on the intermediary latents y; a mapping g, which has the structure built in,
    makes the latents z that the decoder sees. For an example x, in nats,

        ELBO(x) = E_q(y|x)[ log p(x | g(y)) ] - KL( q(y|x) || p(y) ),
        loss    = mean_x( - E_q[ log p(x | g(y)) ] + beta * KL ) + the mapping's own losses,

    with one sample of y per example. Every term is a sum over the data and latent dimensions and a
    mean over the batch; nothing is rescaled. The KL is taken in y, so that g needs no inverse and no
    density.

    `fit`, `evaluate` and `predict` take x alone, (x, y), (x, None) or (x, x), and sample weights. x may be an
    array or a table. It may also be a stream of batches: a `tf.data.Dataset`, a `PyDataset`, a generator, or
    another iterable.
    Labels are ignored, and so may be of any kind. `fit` and `evaluate` report, per example and in nats:

    - `reconstruction`: -E_q[ log p(x|z) ];
    - `kl`: KL( q(y|x) || p(y) );
    - `elbo`: the bound on log p(x) above, at beta = 1 whatever the weight of the KL in the loss;
    - `mapping_loss`: the mapping's own losses;
    - `loss`: what is minimised.

    With sample weights w, each of the first three is (1/N) sum_i w_i term_i. This is Keras' rule: N counts
    the examples. So the optimum is that of all the data at once, whatever the size of a batch.

    You may change a model. `beta`, and the numbers of its parts (a scale, a strength, a gamma), act at
    once. You may exchange a part (`vae.decoder = ...`). Then call `compile` again before `fit`.

    Source: Miao, Mathieu, Siddharth, Teh and Rainforth, "On Incorporating Inductive Biases into
    VAEs", ICLR 2022, arXiv 2106.13746, section 3.

    ```python
    vae = InteLVAE(
        latent_dim=2,
        encoder=networks.mlp_encoder([256, 128]),
        mapping=mappings.Clusters(5, strength=1.0, width=0.01),
        decoder=networks.mlp_decoder((28, 28, 1), [128, 256]),
    )
    vae.compile(optimizer="adam")
    vae.fit(x_train, epochs=30, batch_size=128)
    ```

    Args:
        latent_dim: M, the number of intermediary latents y, >= 1.
        encoder: x to features, shape (batch, F): any Keras model or layer.
        mapping: y, shape (batch, M), to z, shape (batch, D): from `mappings`, any Keras layer,
            `keras.Sequential` or function; None for an ordinary VAE, z = y.
        decoder: z to likelihood parameters: any Keras model or layer.
        likelihood: A name ("bernoulli", "gaussian", "poisson", ...) or an object from `likelihoods`.
        posterior: "diagonal" or "full", the covariance of q(y|x). The layer is `posterior_layer`,
            since `posterior(x)` is the distribution.
        prior: None for N(0, I), or an object from `priors`.
        beta: Weight of the KL in the loss, >= 0.
        seed: Seed of sampling and shuffling; None for one from `keras.utils.set_random_seed`.
        **kwargs: `name`, `trainable` and `dtype`, as of any Keras model.

    Raises:
        TypeError: If an argument is missing or has the wrong type.
        ValueError: If an argument is outside its range, or the decoder cannot take the mapping's z.
    """

    latent_dim = settings.Fixed[int]()
    seed = settings.Fixed[int | None]()
    beta = settings.Setting(checks.number)
    scheduled = {"kl_weight": 1.0}  # what a callback may move, and where it stands without one

    def __init__(
        self,
        latent_dim: int,
        *,
        encoder: keras.layers.Layer,
        decoder: keras.layers.Layer,
        mapping: Any = None,
        likelihood: str | likelihoods.Likelihood = "bernoulli",
        posterior: str | posteriors.GaussianPosterior = "diagonal",
        prior: priors.Prior | None = None,
        beta: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**{"name": "intelvae"} | kwargs)
        require_real_numbers(self.dtype_policy)
        self.latent_dim = checks.integer("latent_dim", latent_dim, minimum=1)
        self.beta = beta
        self.seed = None if seed is None else checks.integer("seed", seed, minimum=0)
        self.encoder = self._check_part("encoder", encoder)
        self.mapping = self._check_part("mapping", mapping)
        self.decoder = self._check_part("decoder", decoder)
        self.likelihood = self._check_part("likelihood", likelihood)
        self.posterior_layer = self._check_part("posterior_layer", posterior)
        self.prior = self._check_part("prior", prior)
        # Of 32 bits, as Keras keeps them.
        self.seed_generator = keras.random.SeedGenerator(seed and self.seed % 2**32)
        # The proportion of beta in force while training: 1 unless callbacks.KLWarmup sets it.
        self.kl_weight = self.add_weight(
            shape=(),
            initializer="ones",
            trainable=False,
            dtype=full_precision(),
            name="kl_weight",
        )
        names = ("loss", "reconstruction", "kl", "elbo", "mapping_loss")
        self._means = {name: keras.metrics.Mean(name, dtype=full_precision()) for name in names}
        self.compiled_functions = Compiled()
        self._connect()

    def _check_part(self, name, part):
        """Makes a part of the model from what the user gave, or raises."""
        old_keras.refuse_inside(name, part)
        return {
            "encoder": lambda: parts.check_layer("encoder", part),
            "mapping": lambda: mappings.get(part),
            "decoder": lambda: parts.check_layer("decoder", part),
            "likelihood": lambda: likelihoods.get(part),
            "posterior_layer": lambda: posteriors.get(part, self.latent_dim),
            "prior": lambda: priors.get(part),
        }[name]()

    # ------------------------------------------------------------------ the ELBO

    def q(self, x: tf.Tensor, training: bool = False) -> tfd.Distribution:
        """Posterior of y given x, shape (batch, *shape), a tfd distribution; `posterior` checks x before."""
        seen = ops.cast(self.likelihood.features(x), self.encoder_dtype)
        features = self.encoder(seen, training=training)
        return self.posterior_layer.distribution(features)

    def parameters_of(self, z: tf.Tensor, training: bool = False) -> tf.Tensor:
        """The parameters of p(x|z) for z, shape (batch, D): the decoder's output, in full precision."""
        return ops.cast(self.decoder(z, training=training), self.likelihood.compute_dtype)

    def elbo(self, x: tf.Tensor, training: bool = False) -> Terms:
        """The terms of the ELBO and of the loss, with one sample of y per example.

        Args:
            x: Data, shape (batch, *shape).
            training: Whether layers such as Dropout are in training mode.
        """
        # Within a scope, since TensorFlow refuses a first name such as that of a user's layer _G.
        with tf.name_scope("elbo"):
            replicas.clear_losses(self)
            q = self.q(x, training=training)
            y = replicas.draw(q, self.seed_generator)
            z = self.mapping(y, training=training)
            x = ops.cast(x, self.likelihood.compute_dtype)
            log_likelihood = self.likelihood.log_prob(x, self.parameters_of(z, training=training))
            # Before the KL: if the prior calls the encoder too, that clears the encoder's losses.
            mapping_loss = replicas.sum_of_losses(self.mapping, log_likelihood.dtype)
            added_losses = replicas.sum_of_losses(self, log_likelihood.dtype)
            replicas.clear_losses(self.prior)
            kl = self.prior.kl_divergence(q, y)
            added_losses += replicas.sum_of_added(self.prior, log_likelihood.dtype)
            return Terms(-log_likelihood, kl, mapping_loss, added_losses, z)

    def negative_elbo(self, terms: Terms, kl_weight: float | tf.Variable = 1.0) -> tf.Tensor:
        """The objective of each example, -log p(x|z) + beta * KL, in nats, shape (batch,).

        Args:
            terms: What `elbo` returned.
            kl_weight: The proportion of beta in force, in [0, 1]: below 1 in a warm-up only.
        """
        beta = settings.in_force(self, "beta") * kl_weight
        return terms.reconstruction + ops.cast(beta, terms.kl.dtype) * terms.kl

    def train_step(self, data: Any) -> dict[str, tf.Tensor]:
        """One step on the loss of a batch, with the KL's weight in force; the means so far, in nats.

        Args:
            data: x, shape (batch, *shape), (x, y) or (x, y, sample_weight).
        """
        x, _, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            terms = self.elbo(x, training=True)
            objective = self.negative_elbo(terms, self.kl_weight)
            loss = replicas.mean_over_batch(objective, sample_weight)
            loss += terms.added_losses / replicas.count()
            scaled_loss = self.optimizer.scale_loss(loss)
        unseen.refuse(self, tape)
        weights = self.trainable_weights
        gradients = tape.gradient(scaled_loss, weights)
        with finite.required(self, terms, gradients):
            self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return self._report(terms, objective, sample_weight)

    def test_step(self, data: Any) -> dict[str, tf.Tensor]:
        """The loss and its terms of a batch, the means so far, in nats; a warm-up is a matter of training.

        Args:
            data: As for `train_step`.
        """
        x, _, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        terms = self.elbo(x)
        return self._report(terms, self.negative_elbo(terms), sample_weight)

    def _report(self, terms, objective, sample_weight):
        weighted = replicas.weighting(sample_weight)
        mapping_loss = replicas.mean(terms.mapping_loss)
        values = {
            "loss": weighted(objective) + replicas.mean(terms.added_losses),
            "reconstruction": weighted(terms.reconstruction),
            "kl": weighted(terms.kl),
            "elbo": weighted(-(terms.reconstruction + terms.kl)),
            "mapping_loss": ops.broadcast_to(mapping_loss, ops.shape(terms.kl)),
        }
        for name, value in values.items():
            self._means[name].update_state(value)
        return self.get_metrics_result()

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The five means that `fit` and `evaluate` report, then a subclass's own metrics."""
        means = list(self._means.values())
        known = {id(metric) for metric in [*means, self._loss_tracker]}
        return means + [metric for metric in super().metrics if id(metric) not in known]

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        """The reconstruction E[x|z] of x, shape (batch, *shape), at the posterior mean of y."""
        z = self.mapping(self.q(x, training=training).mean(), training=training)
        return self.likelihood.mean(self.parameters_of(z, training=training))

    # ------------------------------------------------------------------ the arguments, saved

    def get_config(self) -> dict:
        """The constructor's arguments, the parts serialised."""
        serialize = keras.saving.serialize_keras_object
        names = ("encoder", "mapping", "decoder", "likelihood", "prior")
        return super().get_config() | {
            "latent_dim": self.latent_dim,
            **{name: serialize(getattr(self, name)) for name in names},
            "posterior": serialize(self.posterior_layer),
            "beta": self.beta,
            "seed": self.seed,
            **self._frozen_config(),
        }

    @classmethod
    def from_config(cls, config: dict) -> "InteLVAE":
        """A model of the same parts, with new weights."""
        deserialize = keras.saving.deserialize_keras_object
        states = config.get("trainable_layers", {})
        arguments = {name: config[name] for name in config if name != "trainable_layers"}
        model = cls(**{name: deserialize(value) for name, value in arguments.items()})
        return model._with_frozen(states)
