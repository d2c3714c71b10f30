"""InteLVAE, the map of the whole: x -> encoder -> posterior -> y -> mapping -> z -> decoder -> p(x|z)."""

import types
from typing import NamedTuple

import keras
import tensorflow as tf
from keras import ops

from intelvae_keras import likelihoods, mappings, posteriors, priors
from intelvae_keras._engine import checks, replicas
from intelvae_keras._engine.fit import Training
from intelvae_keras._engine.precision import full_precision
from intelvae_keras._engine.saving import Saving
from intelvae_keras.inference import Inference


class Terms(NamedTuple):
    """The terms of the loss, in nats.

    Attributes:
        reconstruction: -log p(x|z) for the sampled z, shape (batch,).
        kl: KL(q(y|x) || p(y)), shape (batch,).
        mapping: The sum of the mapping's own losses, a scalar.
        penalties: The sum of all added losses: the mapping's and the networks' regularisers.
    """

    reconstruction: tf.Tensor
    kl: tf.Tensor
    mapping: tf.Tensor
    penalties: tf.Tensor


@keras.saving.register_keras_serializable(package="intelvae_keras")
class InteLVAE(Training, Saving, Inference, keras.Model):
    """A variational autoencoder whose latents z = g(y) carry an inductive bias.

    The Gaussian stays on the intermediary latents y; a mapping g, which has the structure built in,
    makes the latents z that the decoder sees. For an example x, in nats,

        ELBO(x) = E_q(y|x)[ log p(x | g(y)) ] - KL( q(y|x) || p(y) ),
        loss    = mean_x( - E_q[ log p(x | g(y)) ] + beta * KL ) + the mapping's own losses,

    with one sample of y per example. Every term is a sum over the data and latent dimensions and a
    mean over the batch (weighted by `sample_weight` if given); nothing is rescaled. The KL is taken
    in y, so that g needs no inverse and no density.

    `fit`, `evaluate` and `predict` take x alone, (x, y), (x, None), (x, x) and sample weights, as
    arrays, `tf.data.Dataset`, `PyDataset` or generator; labels are ignored. They report, per example
    and in nats: `loss`; `reconstruction` = -E_q[log p(x|z)]; `kl`; `elbo`, the bound on log p(x)
    above, at beta = 1 whatever the weight of the KL in the loss; and `mapping`, the mapping's losses.

    Source: Miao, Mathieu, Siddharth, Teh and Rainforth, "On Incorporating Inductive Biases into
    VAEs", ICLR 2022, arXiv 2106.13746, section 3.

    ```python
    vae = InteLVAE(
        latent_dim=2,
        encoder=networks.mlp_encoder([256, 128]),
        mapping=mappings.Clusters(5),
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
        likelihood: A name ("bernoulli", "continuous_bernoulli", "gaussian", "laplace") or an object
            from `likelihoods`.
        posterior: "diagonal" or "full", the covariance of q(y|x).
        prior: None for N(0, I), or an object from `priors`.
        beta: Weight of the KL in the loss, >= 0.
        seed: Seed of sampling and shuffling; None for one from `keras.utils.set_random_seed`.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range, or the decoder cannot take the mapping's z.
    """

    def __init__(
        self,
        latent_dim,
        encoder=None,
        mapping=None,
        decoder=None,
        likelihood="bernoulli",
        posterior="diagonal",
        prior=None,
        beta=1.0,
        *,
        seed=None,
        **kwargs,
    ):
        super().__init__(**{"name": "intelvae"} | kwargs)
        self.latent_dim = checks.integer("latent_dim", latent_dim, minimum=1)
        self.encoder = _check_layer("encoder", encoder)
        self.decoder = _check_layer("decoder", decoder)
        self.mapping = _as_mapping(mapping)
        self.likelihood = likelihoods.get(likelihood)
        self.posterior_layer = posteriors.get(posterior, self.latent_dim)
        self.prior = priors.get(prior)
        self.beta = checks.number("beta", beta)
        self.seed = None if seed is None else checks.integer("seed", seed, minimum=0)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        # Compiled functions by name, made when first used. In a namespace, because Keras would track and
        # export those in a dict.
        self.compiled_functions = types.SimpleNamespace(graphs={}, steps={})
        # The share of beta in force, in [0, 1]: 1 unless callbacks.KLWarmup sets it.
        self.kl_weight = self.add_weight(
            shape=(), initializer="ones", trainable=False, name="kl_weight"
        )
        names = ("loss", "reconstruction", "kl", "elbo", "mapping")
        self._means = {name: keras.metrics.Mean(name) for name in names}
        self.z_dim, self._parameters_shape = self._connect_latents()

    # ------------------------------------------------------------------ the parts, connected

    def _connect_latents(self):
        """Builds y -> z -> parameters; returns D and the shape of the decoder's output."""
        y = keras.KerasTensor((None, self.latent_dim), dtype=full_precision())
        z = self.mapping(y)
        if len(z.shape) != 2:
            raise ValueError(f"mapping must return z of shape (batch, D); got shape {z.shape}.")
        try:
            parameters = self.decoder(z)
        except Exception as error:
            raise ValueError(
                f"decoder cannot take the output of mapping: z has shape {z.shape}, expected an input "
                f"that decoder {self.decoder.name!r} accepts. It says: {error}"
            ) from error
        _build(self.likelihood, parameters.shape)
        _build(self.prior, y.shape)
        return z.shape[-1], tuple(parameters.shape[1:])

    def build(self, input_shape):
        """Builds encoder and posterior for data of shape (batch, *shape).

        Raises:
            ValueError: If the encoder does not give features (batch, F), or the decoder's output
                does not fit the shape of x.
        """
        data_shape = tuple(input_shape)[1:]
        expected = self.likelihood.parameters_shape(data_shape) if data_shape else ()
        if self._parameters_shape != expected:
            raise ValueError(
                f"decoder must return shape (batch, {', '.join(map(str, expected))}) for x of shape "
                f"(batch, {', '.join(map(str, data_shape))}) with the likelihood "
                f"{type(self.likelihood).__name__}, which takes {self.likelihood.num_parameters} "
                f"parameter(s) per value; got (batch, {', '.join(map(str, self._parameters_shape))})."
            )
        features = self.encoder(keras.KerasTensor((None, *data_shape)))
        if len(features.shape) != 2 or features.shape[-1] is None:
            raise ValueError(
                f"encoder must return features of shape (batch, F); got shape {features.shape}. "
                "End it with keras.layers.Flatten()."
            )
        _build(self.posterior_layer, features.shape)
        self.prior.connect(data_shape, self.q, self.likelihood.support)
        self.built = True

    def get_build_config(self):
        """The shape of the data, so that a loaded model is built like the saved one."""
        return {"input_shape": (None, *self.data_shape)}

    def build_from_config(self, config):
        """Builds a loaded model before its weights are restored."""
        self.build(config["input_shape"])

    @property
    def data_shape(self):
        """The shape of one example, which the decoder determines."""
        channels = self._parameters_shape[-1] // self.likelihood.num_parameters
        return (*self._parameters_shape[:-1], channels)

    # ------------------------------------------------------------------ the ELBO

    def q(self, x, training=False):
        """The posterior of y given x, a tfd distribution; `posterior` is the checked, public form."""
        features = self.encoder(ops.cast(x, self.compute_dtype), training=training)
        return self.posterior_layer.distribution(features)

    def parameters_of(self, z, training=False):
        """The likelihood's parameters at z, in full precision."""
        return ops.cast(self.decoder(z, training=training), self.likelihood.compute_dtype)

    def elbo_terms(self, x, training=False):
        """The terms of the loss, with one sample of y per example.

        Args:
            x: Data, shape (batch, *shape).
            training: Whether layers such as Dropout are in training mode.

        Returns:
            A `Terms`, in nats.
        """
        x = ops.cast(x, self.likelihood.compute_dtype)
        q = self.q(x, training=training)
        seed = replicas.own_seed(self.seed_generator.next())
        noise = tf.random.stateless_normal(tf.shape(q.loc), seed, dtype=q.dtype)
        y = q.loc + q.scale.matvec(noise)  # as q.sample(), which a replica's empty batch breaks
        z = self.mapping(y, training=training)
        reconstruction = -self.likelihood.log_prob(x, self.parameters_of(z, training=training))
        # Before the prior: if it calls the encoder too, that clears the encoder's losses.
        mapping = ops.cast(sum(replicas.own_losses(self.mapping.losses)), reconstruction.dtype)
        penalties = ops.cast(sum(replicas.own_losses(self.losses)), reconstruction.dtype)
        kl = self.prior.kl_divergence(q, y)
        return Terms(reconstruction=reconstruction, kl=kl, mapping=mapping, penalties=penalties)

    def train_step(self, data):
        """One step of gradient descent on the loss."""
        x, _, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            terms = self.elbo_terms(x, training=True)
            # Shares of the loss, because Keras' optimizers sum the gradients over replicas.
            share = self._batch_share(sample_weight, terms)
            negative_elbo = terms.reconstruction + self.beta * self.kl_weight * terms.kl
            loss = ops.sum(share * negative_elbo) + terms.penalties / replicas.count()
            scaled_loss = self.optimizer.scale_loss(loss)
        weights = self.trainable_weights
        gradients = tape.gradient(scaled_loss, weights)
        self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return self._update_means(terms, sample_weight)

    def test_step(self, data):
        """The terms of `train_step`, without a step."""
        x, _, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        return self._update_means(self.elbo_terms(x), sample_weight)

    def _batch_share(self, sample_weight, terms):
        """The share of each example in the mean over the batch of all replicas, shape (batch,)."""
        weight = _example_weights(sample_weight, terms.kl)
        return tf.math.divide_no_nan(weight, replicas.all_sum(ops.sum(weight)))

    def _update_means(self, terms, sample_weight):
        weight = _example_weights(sample_weight, terms.kl)
        mapping, penalties = replicas.mean(terms.mapping), replicas.mean(terms.penalties)
        values = {
            "loss": terms.reconstruction + self.beta * self.kl_weight * terms.kl + penalties,
            "reconstruction": terms.reconstruction,
            "kl": terms.kl,
            "elbo": -(terms.reconstruction + terms.kl),
            "mapping": ops.broadcast_to(mapping, ops.shape(terms.kl)),
        }
        for name, value in values.items():
            self._means[name].update_state(value, sample_weight=weight)
        return self.get_metrics_result()

    @property
    def metrics(self):
        """The five means that `fit` and `evaluate` report."""
        return list(self._means.values())

    def call(self, x, training=False):
        """The reconstruction E[x|z] at the posterior mean of y: the shape of x."""
        z = self.mapping(self.q(x, training=training).mean(), training=training)
        return self.likelihood.mean(self.parameters_of(z, training=training))

    def get_config(self):
        """The constructor's arguments, the parts serialised."""
        parts = {name: getattr(self, name) for name in ("encoder", "mapping", "decoder", "prior")}
        parts |= {"likelihood": self.likelihood, "posterior": self.posterior_layer}
        config = {name: keras.saving.serialize_keras_object(part) for name, part in parts.items()}
        return {
            "name": self.name,
            "latent_dim": self.latent_dim,
            "beta": self.beta,
            "seed": self.seed,
            **config,
        }

    @classmethod
    def from_config(cls, config):
        """A model of the same parts, with new weights."""
        return cls(
            **{name: keras.saving.deserialize_keras_object(part) for name, part in config.items()}
        )


def _build(layer, shape):
    if not layer.built:  # a loaded or shared layer already is
        layer.build(shape)


def _example_weights(sample_weight, per_example):
    if sample_weight is None:
        return ops.ones_like(per_example)
    return ops.reshape(ops.cast(sample_weight, per_example.dtype), ops.shape(per_example))


def _check_layer(name, layer):
    if not isinstance(layer, keras.layers.Layer):
        raise TypeError(
            f"{name} must be a Keras model or layer, such as networks.mlp_{name}(...); got {layer!r}."
        )
    return layer


def _pass_unrounded(mapping):
    """Keeps y in full precision: Keras would round it on entry to a Sequential in a Sequential."""
    if isinstance(mapping, keras.Sequential):
        mapping.dtype_policy = full_precision()
        for layer in mapping.layers:
            _pass_unrounded(layer)


def _as_mapping(mapping):
    if mapping is None:
        return keras.layers.Identity(dtype=full_precision(), name="identity")
    if isinstance(mapping, keras.layers.Layer):
        _pass_unrounded(mapping)
        return mapping
    if callable(mapping) and not isinstance(mapping, type):
        return mappings.Function(mapping)
    raise TypeError(
        "mapping must be None, an object from intelvae_keras.mappings, a Keras layer or a function; "
        f"got {mapping!r}."
    )
