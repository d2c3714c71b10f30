"""What a trained model is asked for: posterior, codes, decodings, samples, log p(x), an export."""

import os
import typing
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike
from tensorflow_probability import distributions as tfd

from intelvae_keras._engine import array_batches, arrays, checks, scopes, values
from intelvae_keras._engine.precision import full_precision
from intelvae_keras._engine.saving import Saving
from intelvae_keras.imputation import impute
from intelvae_keras.log_likelihood import log_likelihood

if typing.TYPE_CHECKING:
    import pandas

# The function behind `InteLVAE.explore`. The package's __init__ sets it: the core imports no leaf.
open_page: Callable | None = None


class Inference(Saving):
    """What is asked of a model; the methods take and return numpy arrays of any length, in batches."""

    def posterior(self, x: ArrayLike) -> tfd.Distribution:
        """The posterior q(y|x): a tfd distribution with batch shape (N,) and event shape (M,).

        Args:
            x: Data, shape (N, *shape).

        Raises:
            TypeError: If x does not hold numbers.
            ValueError: If x is empty, not finite, of the wrong shape, or outside the support.
        """
        x = self.check_data("x", x)
        graph = self._graph("posterior")
        return _joined([_call(graph, rows) for rows in array_batches.in_pieces(x)])

    def encode(self, x: ArrayLike, sample: bool = False, seed: int | None = None) -> np.ndarray:
        """The latents z = g(y) of x.

        Args:
            x: Data, shape (N, *shape).
            sample: Whether y is drawn from the posterior; else it is the posterior's mean.
            seed: Integer seed of the draw; None for the model's next one.

        Returns:
            z, a numpy array of shape (N, D).

        Raises:
            TypeError: If x does not hold numbers, `sample` is no bool, or the seed no integer.
            ValueError: If x is empty, not finite, of the wrong shape, or outside the support.
        """
        checks.boolean("sample", sample)
        if seed is not None:
            checks.seed("seed", seed)
        q = self.posterior(x)
        y = q.sample(seed=self._stateless_seed(seed)) if sample else q.mean()
        return _apply(self._graph("map"), y)

    def decode(self, z: ArrayLike) -> np.ndarray:
        """The mean E[x|z].

        Args:
            z: Latents, shape (N, D), finite.

        Returns:
            A numpy array of shape (N, *shape).

        Raises:
            TypeError: If z does not hold numbers.
            ValueError: If z is empty, not finite, or of another shape.
        """
        z = values.check("z", arrays.as_array("z", z), dtype=full_precision())
        if z.ndim != 2 or z.shape[1] != self.z_dim:
            raise ValueError(f"z must have shape (N, {self.z_dim}); got {z.shape}.")
        return _apply(self._graph("decode"), z)

    def sample(self, num_samples: int, seed: int | None = None, noise: bool = False) -> np.ndarray:
        """Samples of the model: y ~ p(y), z = g(y), then the mean E[x|z], or a draw x ~ p(x|z).

        Args:
            num_samples: N >= 1.
            seed: Integer seed; None for the model's next one.
            noise: Whether x is drawn; else it is the mean, or the most probable category. Rows of a
                table want the draw: means scatter less than data do.

        Returns:
            A numpy array of shape (N, *shape).

        Raises:
            TypeError: If `num_samples` or the seed is not an integer, or `noise` no bool.
            ValueError: If `num_samples` < 1.
        """
        checks.boolean("noise", noise)
        z = self.sample_latents(num_samples, seed)
        if not noise:
            return _apply(self._graph("decode"), z)
        of_x = tf.random.fold_in(self._stateless_seed(seed), 1)  # another than that of y
        batches = enumerate(array_batches.in_pieces(z))
        draw = self._graph("draw")
        return np.concatenate([draw(rows, tf.random.fold_in(of_x, i)) for i, rows in batches])

    def sample_latents(self, num_samples: int, seed: int | None = None) -> np.ndarray:
        """Latents z = g(y), y ~ p(y).

        Args:
            num_samples: N >= 1.
            seed: Integer seed; None for the model's next one.

        Returns:
            A numpy array of shape (N, D).

        Raises:
            TypeError: If `num_samples` or the seed is not an integer.
            ValueError: If `num_samples` < 1.
        """
        num_samples = checks.integer("num_samples", num_samples, minimum=1)
        y = self.prior.sample(num_samples, self.latent_dim, self._stateless_seed(seed))
        return _apply(self._graph("map"), y)

    def log_likelihood(self, x: ArrayLike, num_samples: int = 500, seed: int = 0) -> np.ndarray:
        """The importance-weighted bound on log p(x); see `metrics.log_likelihood`.

        Args:
            x: Data, shape (N, *shape).
            num_samples: S >= 1, samples of y per example.
            seed: Integer seed.

        Returns:
            Nats per example, a numpy array of shape (N,).

        Raises:
            TypeError: If x does not hold numbers, or `num_samples` or the seed is not an integer.
            ValueError: If `num_samples` < 1, or x is empty, not finite, of the wrong shape, or outside the
                support.
        """
        return log_likelihood(self, x, num_samples=num_samples, seed=seed)

    def impute(
        self,
        x: ArrayLike,
        num_samples: int = 100,
        draws: int | None = None,
        seed: int | None = None,
    ) -> "np.ndarray | pandas.DataFrame | list[pandas.DataFrame]":
        """Data x with their holes filled, given the observed values, which stay as they are.

        The likelihood needs `missing=True`. A hole is filled with E[x|observed values], or with the most
        probable category: good for looking at. For statistics take draws, which scatter as data do. A
        warning says for how many rows `num_samples` was too small.

        Args:
            x: Data, shape (N, *shape), with NaN for holes.
            num_samples: S >= 1, importance-weighted samples of y for each row with holes.
            draws: None for means; or the number of complete tables to draw, >= 1.
            seed: Integer seed; None for the model's next one.

        Returns:
            A numpy array of shape (N, *shape), or (draws, N, *shape). See `imputation.impute`. For a
            DataFrame, with the likelihood of a `tables.Table`: a DataFrame, or a list of `draws` of them.

        Raises:
            TypeError: If x does not hold numbers, or another argument is not an integer.
            ValueError: If an argument is outside its range; or x is empty, of the wrong shape, outside
                the support, or has holes that may not be.
        """
        filled = impute(self, x, num_samples, draws, seed)
        return self.likelihood.in_form_of(x, filled)

    def export(
        self, filepath: str | os.PathLike, format: str = "tf_saved_model", **kwargs: Any
    ) -> None:
        """SavedModel with the endpoints `encode`, `decode` and `sample`.

        It runs without this package. Keep what is loaded, since its functions need its variables:

        ```python
        vae.export("served")
        served = tf.saved_model.load("served")
        z = served.encode(x)
        ```

        `encode` maps x, shape (N, *shape), to z at the posterior mean; `decode` z to E[x|z]; `sample`
        takes `num_samples` and `seed`, int32 scalars; `serve` reconstructs x.

        Args:
            filepath: The folder to write.
            format: "tf_saved_model", or another of Keras' own, which is left to Keras.
            **kwargs: Keras' further arguments, such as `verbose`.

        Raises:
            TypeError: If `filepath` is no path.
            ValueError: If `filepath` is no UTF-8, which TensorFlow needs.
            FileExistsError: If it is a file.
        """
        if format == "tf_saved_model" and os.path.isfile(checks.path("filepath", filepath)):
            raise FileExistsError(f"filepath must be a folder; {os.fspath(filepath)} is a file.")
        self._complete()
        if format != "tf_saved_model":
            self(tf.zeros((1, *self.data_shape)))  # Keras wants to have seen a call
            with scopes.allowed_names(self):
                return super().export(filepath, format=format, **kwargs)
        _check_utf8(filepath)
        archive = keras.export.ExportArchive()
        archive.track(self)
        x = tf.TensorSpec((None, *self.data_shape), full_precision(), name="x")
        z = tf.TensorSpec((None, self.z_dim), full_precision(), name="z")
        scalar = tf.TensorSpec((), "int32")

        def encode(x):
            return self.mapping(self.q(x).mean())

        def sample(num_samples, seed):
            y = self.prior.sample(num_samples, self.latent_dim, tf.stack([0, seed]))
            return self._decode(self.mapping(y))

        with scopes.allowed_names(self):
            archive.add_endpoint("serve", self.call, [x])
            archive.add_endpoint("encode", encode, [x])
            archive.add_endpoint("decode", self._decode, [z])
            archive.add_endpoint("sample", sample, [scalar, scalar])
            return archive.write_out(filepath, **kwargs)

    def explore(
        self,
        folder: str | os.PathLike | None = None,
        x: ArrayLike | None = None,
        *,
        names: Sequence[str] | None = None,
        title: str = "A model in the page",
        weights: str = "float16",
    ) -> Any:
        """Page in which the model runs: move y, and see z = g(y) and the decoded E[x|z].

        A browser opens it from the disk. In a notebook, it shows itself too. Latents come in the order of
        their KL over the examples, each with what it changes.

        Args:
            folder: A file "NAME.html", one page to mail; or a folder for `index.html` and three files
                beside it; None writes nothing.
            x: Examples, shape (N, *shape), to start from, each shown beside its reconstruction. At most 200.
            names: Names of the values of x, for the columns of a table.
            title: The page's heading.
            weights: "float16"; or "int8", half as large, whose pixels may be off by some hundredths.

        Returns:
            The `explorer.Page`.

        Raises:
            TypeError: If an argument has the wrong type.
            ValueError: If the page cannot run the mapping, a layer, an activation or the likelihood;
                the message names it.
            FileExistsError: If a file of the same name is there that `explore` did not write.
        """
        return open_page(self, folder, x, names, title, weights)

    # ------------------------------------------------------------------ graphs

    def _decode(self, z):
        return self.likelihood.mean(self.parameters_of(z))

    def _graph(self, name):
        """The compiled function of this name, made once; traced for batches of any length."""

        def make():
            latents = full_precision()
            if name == "draw":
                z, seed = tf.TensorSpec((None, self.z_dim), latents), tf.TensorSpec((2,), tf.int32)
                return lambda z, seed: self.likelihood.sample(self.parameters_of(z), seed), [
                    z,
                    seed,
                ]
            function, row, dtype = {
                "posterior": (self.q, self.data_shape, self.data_dtype),
                "map": (self.mapping, (self.latent_dim,), latents),
                "decode": (self._decode, (self.z_dim,), latents),
            }[name]
            return function, [tf.TensorSpec((None, *row), dtype)]

        return self.compiled_functions.graph(self, name, make)

    def _stateless_seed(self, seed):
        if seed is None:
            return tf.cast(self.seed_generator.next(), tf.int32)
        return tf.constant([0, checks.seed("seed", seed)], tf.int32)


def _check_utf8(filepath):
    try:
        os.fspath(filepath).encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"filepath must be UTF-8 for TensorFlow; got {filepath!r}. Export to another name."
        ) from error


def _apply(graph, rows):
    """Applies a compiled function to rows, shape (N, ...), a batch at a time; numpy, shape (N, ...)."""
    return array_batches.in_batches(rows, lambda batch: _call(graph, batch))


def _call(graph, batch):
    (signature,) = graph.input_signature
    return graph(tf.cast(batch, signature.dtype))


def _joined(distributions):
    """One distribution of the examples of several, each with its parameters per example."""
    tensors = [tf.nest.flatten(q, expand_composites=True) for q in distributions]
    joined = [tf.concat(parts, axis=0) for parts in zip(*tensors, strict=True)]
    return tf.nest.pack_sequence_as(distributions[0], joined, expand_composites=True)
