"""The parts of a model, checked and connected: x -> features, y -> z -> parameters."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from intelvae_keras._engine import frozen, settings, squashed, unseen
from intelvae_keras._engine.precision import full_precision

NAMES = ("encoder", "mapping", "decoder", "likelihood", "posterior_layer", "prior")
_LOOK_UP = (
    keras.layers.Embedding,
    keras.layers.CategoryEncoding,
    keras.layers.IntegerLookup,
    keras.layers.Hashing,
)
_ALONG_THE_DATA = ("encoder", "posterior_layer", "mapping", "decoder", "likelihood", "prior")


class Parts(keras.Model):
    """A `keras.Model` made of the parts in `NAMES`, each of which may be exchanged.

    After an exchange the parts are connected again, which raises where the new one does not fit.
    """

    latent_dim: Any
    encoder: keras.layers.Layer
    mapping: keras.layers.Layer
    decoder: keras.layers.Layer
    likelihood: Any
    posterior_layer: Any
    prior: Any
    # What the model makes of its parts, at the end of the line of inheritance.
    _check_part: Callable[[str, Any], keras.layers.Layer]
    q: Callable
    parameters_of: Callable

    def __setattr__(self, name, value):
        """Sets an attribute; a part that was there before is replaced, not kept beside the new one."""
        if name == "posterior":  # else it would hide the method
            raise AttributeError(
                f"posterior is a method, q(y|x). To exchange its layer, set posterior_layer={value!r}."
            )
        before = vars(self).get(name)
        if name not in NAMES or before is None or before is value:
            super().__setattr__(name, value)
            return
        value = self._check_part(name, value)
        try:
            self._replace(name, value)
            self._connect()
        except Exception:
            self._replace(name, before)
            self._connect()  # what the refused one may have changed: the shapes of z and x
            raise

    def _replace(self, name, value):
        before, layers = getattr(self, name), self._tracker.config["layers"][1]
        at = next(index for index, layer in enumerate(layers) if layer is before)
        self._tracker.untrack(before)
        self._tracker.unlock()  # Keras locks what is built; the optimizer is checked in `fit`
        super().__setattr__(name, value)
        # In the place of the old one: the order of the weights is that of a loaded model.
        if layers and layers[-1] is value:
            layers.insert(at, layers.pop())

    def _connect(self):
        """Connects the parts, as they are now, with each other and with the data's shape."""
        self.z_dim, self._parameters_shape = connect_latents(self)
        if self.built:
            self.build((None, *self._built_shape))
        for layer in self._flatten_layers():
            settings.prepare(layer)
        outputs = [self.likelihood, *self.decoder._flatten_layers()]
        if outputs != vars(self).get("_outputs_seen"):
            squashed.warn(self)
            self._set_untracked("_outputs_seen", outputs)

    @property
    def layers(self) -> list[keras.layers.Layer]:
        """The parts, in the order of the data's way through them, and a subclass's own layers."""
        parts = [vars(self)[name] for name in _ALONG_THE_DATA if name in vars(self)]
        known = {id(part) for part in parts}
        return [*parts, *(layer for layer in super().layers if id(layer) not in known)]

    @property
    def data_shape(self) -> tuple[int, ...]:
        """The shape of one example, which the decoder determines."""
        return self.likelihood.data_shape(self._parameters_shape)

    @property
    def encoder_dtype(self) -> str:
        """The dtype in which the encoder takes x: int32 if it looks numbers up, as an Embedding does."""
        return "int32" if _looks_up(self.encoder) else self.compute_dtype

    @property
    def data_dtype(self) -> str:
        """The dtype of x, of which the likelihood makes what the encoder sees."""
        codes = keras.backend.is_int_dtype(self.encoder_dtype) and not self.likelihood.missing
        return self.encoder_dtype if codes else self.likelihood.compute_dtype

    @unseen.refused
    def build(self, input_shape: Sequence[int | None]) -> None:
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
        seen = self.likelihood.features(np.zeros((1, *data_shape), self.likelihood.compute_dtype))
        x = keras.KerasTensor((None, *seen.shape[1:]), dtype=self.encoder_dtype)
        if keras.backend.is_int_dtype(x.dtype):
            _take_whole(self.encoder, x)
        features = _call("encoder", self.encoder, x, "the data: x")
        _check_one_output("encoder", features, "features of shape (batch, F)")
        if len(features.shape) != 2 or features.shape[-1] is None:
            raise ValueError(
                f"encoder must return features of shape (batch, F); got shape {features.shape}. "
                "End it with keras.layers.Flatten()."
            )
        build(self.posterior_layer, features.shape)
        _check_features(self.posterior_layer, features.shape)
        self.prior.connect(data_shape, self.q, self.likelihood.support)
        frozen.pass_on(self)
        frozen.restore(self, vars(self).pop("_restored_states", {}))  # of a loaded model, once
        self._built_shape = data_shape
        self.built = True

    def _frozen_config(self):
        states = frozen.states(self, NAMES)
        return {"trainable_layers": states} if states else {}

    def _with_frozen(self, states):
        frozen.restore(self, states)
        self._set_untracked("_restored_states", states)  # for the layers that `build` makes
        return self

    def _set_untracked(self, name, value):
        # Keras would count layers in it, or wrap its lists, as parts of the model.
        object.__setattr__(self, name, value)

    def _complete(self):
        """Makes the weights that wait for data: the decoder's output tells the shape of these."""
        with self.distribute_strategy.scope():
            if not self.built:
                self.build((None, *self.data_shape))
            if self.compiled and not self.optimizer.built and self.trainable_variables:
                self.optimizer.build(self.trainable_variables)  # as loading a compiled model does


@unseen.refused
def connect_latents(model):
    """D and the shape of the decoder's output, after y -> z -> parameters is built."""
    y = keras.KerasTensor((None, model.latent_dim), dtype=full_precision())
    z = _call("mapping", model.mapping, y, "the latents: y")
    _check_one_output("mapping", z, "z of shape (batch, D)")
    if len(z.shape) != 2 or not z.shape[1]:
        raise ValueError(f"mapping must return z of shape (batch, D), D >= 1; got shape {z.shape}.")
    parameters = _call("decoder", model.decoder, z, "the output of mapping: z")
    _check_one_output("decoder", parameters, "parameters of shape (batch, *shape of x)")
    build(model.likelihood, parameters.shape)
    _check_latents(model.prior, model.latent_dim)
    build(model.prior, y.shape)
    return z.shape[-1], tuple(parameters.shape[1:])


def _call(name, layer, symbol, meaning):
    """What a part makes of a symbolic input; or an error that names the part and the input."""
    try:
        return layer(symbol)
    except Exception as error:
        raise ValueError(
            f"{name} cannot take {meaning} has shape {symbol.shape}, expected one tensor that {name} "
            f"{layer.name!r} accepts, and functions of keras.ops or TensorFlow in it. It says: {error}"
        ) from error


def _looks_up(encoder):
    """Whether an encoder takes whole numbers, such as words: half precision would round them."""
    inputs = keras.tree.flatten(getattr(encoder, "inputs", None) or [])
    layers = encoder._flatten_layers()
    return any(keras.backend.is_int_dtype(x.dtype) for x in inputs) or any(
        isinstance(layer, _LOOK_UP) for layer in layers
    )


def _take_whole(network, x):
    """Lets a Sequential take whole numbers as they are: Keras casts them to its first layer's dtype."""
    if not isinstance(network, keras.Sequential) or network.built or not network.layers:
        return
    layers = list(network.layers)
    _take_whole(layers[0], x)
    for _ in layers:
        network.pop(rebuild=False)
    for layer in (keras.layers.InputLayer(batch_shape=x.shape, dtype=x.dtype), *layers):
        network.add(layer, rebuild=False)


def build(layer, shape):
    """Builds a layer, unless a loaded or shared one already is."""
    if not layer.built:
        layer.build(shape)


def _check_latents(prior, latent_dim):
    """Refuses a prior with weights that belongs to a model with more or fewer latents."""
    shape = (prior.get_build_config() or {}).get("input_shape") if prior.built else None
    if prior.weights and shape and shape[-1] != latent_dim:
        raise ValueError(
            f"prior must be one for {latent_dim} latents; got one that a model with {shape[-1]} has made its "
            f"own. Make a new {type(prior).__name__}."
        )


def _check_features(posterior_layer, shape):
    try:
        posterior_layer(keras.KerasTensor(shape))
    except ValueError as error:
        raise ValueError(
            f"encoder returns features of shape {tuple(shape)}, but the posterior was built for others. "
            "Exchange it too: vae.posterior_layer = posteriors.GaussianPosterior(vae.latent_dim). "
            f"It says: {error}"
        ) from error


def _check_one_output(name, output, expected):
    if hasattr(output, "shape"):
        if len(output.shape) and output.shape[0] is not None:
            raise ValueError(
                f"{name} must return one row for each example, {expected}; got shape {output.shape} for any "
                "number of examples."
            )
        if output.dtype == "bool" or output.dtype.startswith("complex"):
            raise ValueError(
                f"{name} must return real numbers; got dtype {output.dtype}. Cast them: "
                'keras.ops.cast(..., "float32").'
            )
        return
    if not isinstance(output, list | tuple | dict):
        raise ValueError(f"{name} must return one tensor, {expected}; got {output!r}.")
    hints = {
        "encoder": " Mean and variance are the posterior's own business: let the encoder end in the "
        "layer before them, or join them: "
        "keras.Model(encoder.inputs, keras.layers.Concatenate()(encoder.outputs[:2])).",
        "decoder": " Join them: keras.Model(decoder.inputs, keras.layers.Concatenate()(decoder.outputs)).",
    }
    raise ValueError(
        f"{name} must return one tensor, {expected}; got a {type(output).__name__} of {len(output)}."
        f"{hints.get(name, '')}"
    )


def check_layer(name, layer):
    """The network given, if it is a Keras layer."""
    if not isinstance(layer, keras.layers.Layer):
        raise TypeError(
            f"{name} must be a Keras model or layer, such as networks.mlp_{name}(...); got {layer!r}."
        )
    return layer


def pass_unrounded(mapping):
    """Keeps y in full precision: Keras would round it on entry to a Sequential in a Sequential."""
    if isinstance(mapping, keras.Sequential):
        mapping.dtype_policy = full_precision()
        for layer in mapping.layers:
            pass_unrounded(layer)
