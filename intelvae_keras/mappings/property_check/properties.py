"""The properties that `mappings.check` tries, each a function from a `Tried` to (ok, message)."""

import inspect
import pathlib
import tempfile
import warnings

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras.mappings.function import Function
from intelvae_keras.mappings.property_check.quotients import slopes

_CLOSE = 1e-4  # relative, of values that two ways to compute them should share
_GRADIENT = 1e-2  # relative, of gradients and difference quotients
_LARGEST = float(np.finfo("float32").max)


def shape(tried):
    """One tensor (batch, D) of floats, for every batch."""
    shapes = []
    for count in (3, 1):
        z = tried(tried.draws[:count])
        if isinstance(z, list | tuple | dict):
            return False, f"z must be one tensor; got a {type(z).__name__}"
        z = keras.ops.convert_to_tensor(z)
        if len(z.shape) != 2 or z.shape[0] != count:
            return False, (
                f"z must have shape (batch, D); got {tuple(z.shape)} for y of shape "
                f"({count}, {tried.latent_dim})"
            )
        if not tf.as_dtype(z.dtype).is_floating:
            return False, f"z must hold floats; got {tf.as_dtype(z.dtype).name}"
        shapes.append(z.shape[1])
    if shapes[0] != shapes[1]:
        return False, f"D changes with the batch: {shapes[0]}, then {shapes[1]}"
    return True, f"(batch, {tried.latent_dim}) to (batch, {shapes[0]})"


def finite(tried):
    """Values at draws and hard points."""
    for y in (tried.draws, tried.hard):
        z = tried.values(y)
        if not np.isfinite(z).all():
            return False, _at(y, ~np.isfinite(z).all(axis=1), z, "z")
    return True, f"{len(tried.draws)} draws of N(0, I), {len(tried.hard)} hard points"


def finite_gradient(tried):
    """Gradients at draws and hard points."""
    for y in (tried.draws, tried.hard):
        gradient = tried.gradients(y, tried.cotangent(y))
        if gradient is None:
            return None, "no gradient to look at"
        if not np.isfinite(gradient).all():
            return False, _at(y, ~np.isfinite(gradient).all(axis=1), gradient, "its gradient")
    return True, "at the same points"


def huge(tried):
    """No NaN, and no other value than in double precision, where squares overflow."""
    y = tried.huge
    z = tried.values(y)
    gradient = tried.gradients(y, tried.cotangent(y))
    grows = ~np.isfinite(z) & ~np.isnan(z)  # as y**3 does: no single precision number is larger
    bad = np.isnan(z).any(axis=1)
    if gradient is not None:
        bad |= np.isnan(gradient).any(axis=1) & ~grows.any(axis=1)
    if bad.any():
        return False, _at(y, bad, z, "z or its gradient")
    if tried.double is None or tried.straight_through:
        return True, "1e10 and 1e20 give no NaN"
    exact, ours = (np.clip(v, -_LARGEST, _LARGEST) for v in (tried.double(y), z.astype("float64")))
    scale = np.maximum(np.abs(exact).max(axis=1, keepdims=True), 1e-3)
    bad = ~(np.abs(ours - exact) <= 1e-2 * scale).all(axis=1)
    bad &= (np.abs(y) > 0).all(axis=1)  # an axis may be a boundary, where rounding decides
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        return False, f"{_at(y, bad, z, 'z')}, where double precision gives {_short(exact[at])}"
    return True, "at 1e10 and 1e20 as in double precision"


def gradient(tried):
    """The gradient is the derivative, wherever there is one."""
    y = tried.draws
    cotangent = tried.cotangent(y)
    found = tried.gradients(y, cotangent)
    if tried.straight_through:
        if found is None or not np.any(found):
            return False, "straight-through by intent, but no gradient reaches y"
        return None, "straight-through by intent: not compared with differences"
    direction, slope, converged = slopes(tried, y, cotangent)
    ours = np.zeros(len(y)) if found is None else np.sum(found * direction, axis=1)
    converged &= np.isfinite(ours)
    if not converged.any():
        return None, "the difference quotients converge nowhere: not compared"
    scale = np.maximum(np.abs(slope), np.abs(ours))
    typical = np.median(np.abs(slope[converged]))
    bad = converged & ~(np.abs(ours - slope) <= _GRADIENT * scale + 1e-3 * (typical + 1e-2))
    if bad.any():
        at = int(np.flatnonzero(bad)[np.argmax(np.abs(ours - slope)[bad])])
        return False, _why(tried, found, slope, converged) + (
            f" At y = {_short(y[at])} the slope is {slope[at]:.4g}, and the gradient says {ours[at]:.4g} "
            f"({bad.sum()} of {converged.sum()} points)."
        )
    if not np.any(slope[converged]):
        return None, "g has slope 0 everywhere: the encoder learns through the KL alone"
    return True, f"agrees with differences at {converged.sum()} of {len(y)} draws; kinks left out"


def _why(tried, found, slope, converged):
    if found is None or not np.any(found):
        return (
            "No gradient reaches y: stop_gradient, numpy, or an operation without a gradient. The encoder "
            "cannot learn through g."
        )
    if not np.any(np.abs(slope[converged]) > 1e-3):
        return (
            "g has slope 0, its gradient not. Is it a straight-through gradient by intent? Say so: "
            "straight_through=True."
        )
    return "The gradient is not that of g."


def same_each_time(tried):
    """The same z for the same y, three times."""
    for kwargs in tried.training:
        first = tried.values(tried.draws, **kwargs)
        for _ in range(2):
            again = tried.values(tried.draws, **kwargs)
            if not np.array_equal(first, again, equal_nan=True):
                when = " in training" if kwargs else ""
                return False, (
                    f"z of the same y differs by {np.abs(first - again).max():.3g} between two calls{when}: "
                    "g must be without randomness and memory"
                )
    return True, "three calls, the same z"


def row_by_row(tried):
    """Z of a row does not depend on the other rows."""
    y = tried.draws[:8]
    for kwargs in tried.training:
        whole = tried.values(y, **kwargs)
        alone = np.concatenate([tried.values(row[None], **kwargs) for row in y])
        shuffled = tried.values(y[::-1].copy(), **kwargs)[::-1]
        halves = np.concatenate([tried.values(half, **kwargs) for half in (y[:4], y[4:])])
        for other in (alone, shuffled, halves):
            if not np.allclose(whole, other, _CLOSE, 1e-5, equal_nan=True):
                when = " in training" if kwargs else ""
                return False, (
                    f"z of a row changes by {np.nanmax(np.abs(whole - other)):.3g} with the rest of its "
                    f"batch{when}: does g take a mean, a norm or an order over the batch?"
                )
    return True, "rows alone, in halves, and in another order"


def graph(tried):
    """A compiled function gives the same values."""
    compiled = tf.function(tried.g, autograph=False)
    signature = tf.TensorSpec((None, tried.latent_dim), tf.float32)
    try:
        traced = compiled.get_concrete_function(signature)
    except Exception as error:
        text = " ".join(str(error).split())[:160]
        return False, (
            "g cannot be compiled, as fit does: use keras.ops or TensorFlow throughout, no numpy. It says: "
            f"{type(error).__name__}: {text}"
        )
    eager, z = tried.values(tried.draws), np.asarray(traced(tf.constant(tried.draws)))
    if z.shape != eager.shape or not np.allclose(eager, z, 1e-3, 1e-4, equal_nan=True):
        return False, "a compiled function gives other values than g line by line"
    return True, "a compiled function gives the same"


def saves(tried):
    """Found by name, the constructor's arguments kept, the same after saving and loading."""
    if not tried.is_layer:
        return None, "a function, not saved here: to save a model with it, register it by name"
    for layer in tried.g._flatten_layers():
        if type(layer).__module__.partition(".")[0] == "keras":
            continue
        if isinstance(layer, Function) and not hasattr(layer.fn, "__name__"):
            return False, "its function has no name by which it could be saved"
        for message in (_unregistered(layer), _forgotten(layer)):
            if message:
                return False, message
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("error", UserWarning)  # such as that of a function without a name
        config = keras.saving.serialize_keras_object(tried.g)
        copy = keras.saving.deserialize_keras_object(config)
        copy(tf.constant(tried.draws))
        copy.set_weights(tried.g.get_weights())
        model = keras.Sequential([keras.Input((tried.latent_dim,)), copy])
        file = pathlib.Path(folder) / "g.keras"
        model.save(file)
        again = keras.saving.load_model(file)
    if not np.array_equal(again(tf.constant(tried.draws)), tried.values(tried.draws)):
        return False, "the reloaded mapping gives other values: does get_config hold all arguments?"
    return True, "found by name, saved and loaded, the same to the last bit"


def _unregistered(layer):
    kind = type(layer)
    name = keras.saving.get_registered_name(kind)
    if keras.saving.get_registered_object(name) is kind:
        return None
    return (
        f"the class {kind.__name__} is not registered: a new program will not find it. Decorate it with "
        '@keras.saving.register_keras_serializable(package="my_project")'
    )


def _forgotten(layer):
    if type(layer).from_config.__func__ is not keras.layers.Layer.from_config.__func__:
        return None  # it has a way of its own
    config = layer.get_config()
    if not isinstance(config, dict):
        return f"get_config must return a dict; it returns {config!r}. Is a `return` missing?"
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    for name, parameter in inspect.signature(type(layer).__init__).parameters.items():
        if name != "self" and parameter.kind not in kinds and name not in config:
            return f"get_config does not hold {name!r}: a loaded mapping has another"
    return None


def holds(tried, function):
    """The user's own property of z."""
    for y in (tried.draws, tried.hard):
        z = tried.values(y)
        right = np.asarray(function(z))
        if right.shape not in ((), (len(z),)):
            return False, (
                f"holds must return a bool, or one for each of the {len(z)} rows; got shape {right.shape}"
            )
        wrong = ~np.broadcast_to(right.astype(bool), (len(z),))
        if wrong.any():
            return False, _at(y, wrong, z, "z")
    return True, "your property, at all those points"


def _at(y, bad, values, what):
    at = int(np.flatnonzero(bad)[0])
    return f"at y = {_short(y[at])}, {what} is {_short(values[at])} ({int(bad.sum())} of {len(y)} points)"


def _short(row):
    words = ", ".join(f"{value:.3g}" for value in row[:4])
    return f"({words}{', ...' if len(row) > 4 else ''})"


TESTS = {
    "shape": shape,
    "finite": finite,
    "finite gradient": finite_gradient,
    "huge": huge,
    "gradient": gradient,
    "same each time": same_each_time,
    "row by row": row_by_row,
    "graph": graph,
    "saves": saves,
}
