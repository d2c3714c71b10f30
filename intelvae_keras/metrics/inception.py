"""The features of the usual FID: a large network trained on photographs."""

import os
import socket
from collections.abc import Callable

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from intelvae_keras._engine import arrays, checks, values
from intelvae_keras.metrics import checked

_SIZE = 299  # the height and width that InceptionV3 was trained on
_TIMEOUT = 30  # seconds that a silent network is waited for


class InceptionFeatures:
    """The pooled activities of InceptionV3 before its last layer; see `inception_features`."""

    def __init__(self, network: keras.Model, batch_size: int):
        self.network = network
        self.batch_size = batch_size

    def __call__(self, x: ArrayLike) -> np.ndarray:
        """The features of images.

        Args:
            x: Images in [0, 1], shape (N, H, W, C), C = 1 or 3.

        Returns:
            A numpy array of shape (N, 2048), >= 0, without unit.

        Raises:
            ValueError: If x has another shape, is empty, or leaves [0, 1].
        """
        x = values.check("x", arrays.as_array("x", x), support=(0.0, 1.0))
        if len(x.shape) != 4 or x.shape[-1] not in (1, 3):
            raise ValueError(
                f"x must be images of shape (N, H, W, C) with C = 1 or 3; got {tuple(x.shape)}."
            )
        return checked.in_batches("x", x, self._batch, self.batch_size)

    def _batch(self, x):
        x = ops.image.resize(ops.cast(x, "float32"), (_SIZE, _SIZE), data_format="channels_last")
        x = ops.broadcast_to(x, (*x.shape[:3], 3))  # grey: the same in the three channels
        return self.network(2 * x - 1, training=False)


def inception_features(weights: str | None = "imagenet", batch_size: int = 32) -> Callable:
    """The 2048 pooled activities of InceptionV3, for the Frechet distance known as FID.

    Images are resized to 299 x 299 (bilinear), grey ones repeated in three channels, and scaled to
    [-1, 1]. The weights are those of `keras.applications`, which are downloaded once (90 MB). The
    FIDs of papers use another training of the same network, so compare only with FIDs from here.
    For small grey images the features of `load_features` are more telling, and far faster.

    Source: Szegedy et al. (2016), "Rethinking the Inception architecture for computer vision";
    Heusel et al. (2017), "GANs trained by a two time-scale update rule ...".

    Args:
        weights: "imagenet", or the path of a file of weights without the top, as Keras has them.
        batch_size: Images at a time, >= 1; each takes about 30 MB.

    Returns:
        A function from images in [0, 1], shape (N, H, W, C), to features, shape (N, 2048).

    Raises:
        OSError: If the weights are neither in Keras' cache nor can be downloaded.
        ValueError: If batch_size < 1, or there is no file at the path.
    """
    batch_size = checks.integer("batch_size", batch_size, minimum=1)
    if (
        weights is not None
        and weights != "imagenet"
        and not os.path.isfile(checks.path("weights", weights))
    ):
        raise ValueError(f'weights must be "imagenet" or the path of a file; got {weights!r}.')
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_TIMEOUT)
    try:
        network = keras.applications.InceptionV3(
            include_top=False, weights=weights, pooling="avg", input_shape=(_SIZE, _SIZE, 3)
        )
    except Exception as error:  # Keras raises a bare Exception when a download fails
        if weights != "imagenet":
            raise
        raise OSError(
            "The weights of InceptionV3 are neither in Keras' cache nor could they be downloaded "
            f"({error}). Be online once, pass the path of a file of them as weights=, or use "
            "load_features or train_features, which need no download."
        ) from error
    finally:
        socket.setdefaulttimeout(before)
    return InceptionFeatures(network, batch_size)
