"""The first cell of each notebook: device, versions, figures, and numbers that depend on the mode."""

import os
import sys
import time

import keras
import matplotlib
import tensorflow as tf

import intelvae_keras
from intelvae_keras.plots.style import INK, LINE, MEDIUM, PALETTE, SMALL

FAST = os.environ.get("INTELVAE_FAST", "") not in ("", "0")

_STYLE = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": SMALL,
    "axes.linewidth": 0.8,
    "axes.prop_cycle": matplotlib.cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlesize": MEDIUM,
    "figure.constrained_layout.use": True,
    "figure.dpi": 110,
    "image.interpolation": "nearest",  # the pixels as they are, in a third of the bytes
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "lines.linewidth": LINE,
    "text.color": INK,
    "xtick.color": INK,
    "xtick.labelsize": SMALL,
    "ytick.color": INK,
    "ytick.labelsize": SMALL,
}


def here():
    """Prints the device and the versions in use, and gives all figures the course's look."""
    matplotlib.rcParams.update(_STYLE)
    tf.get_logger().setLevel("ERROR")  # it counts several models as one that is traced anew
    gpus = tf.config.list_physical_devices("GPU")
    details = tf.config.experimental.get_device_details
    names = [details(gpu).get("device_name", "of unknown name") for gpu in gpus]
    device = f"GPU, {', '.join(names)}" if gpus else f"CPU, {os.cpu_count()} cores"
    mode = ", fast mode" if FAST else ""
    print(
        f"Device: {device}{mode}. Python {sys.version.split()[0]}, TensorFlow {tf.__version__}, "
        f"Keras {keras.__version__}, intelvae_keras {intelvae_keras.__version__}."
    )


def pick(full, fast):
    """`full`, or `fast` where the environment says INTELVAE_FAST=1, as the tests of the course do."""
    return fast if FAST else full


class Bar(keras.callbacks.Callback):
    """A progress bar of one line, which ends as one line of text.

    ```python
    vae.fit(x, epochs=20, verbose=0, callbacks=[start.Bar()])
    ```

    Args:
        name: What is trained, for the line.
    """

    def __init__(self, name="training"):
        super().__init__()
        self.name = name

    def on_train_begin(self, logs=None):
        """Starts the clock."""
        self._begin = time.time()

    def on_epoch_end(self, epoch, logs=None):
        """Moves the bar."""
        epochs = self.params["epochs"]
        done = round(20 * (epoch + 1) / epochs)
        self._logs = logs or {}
        self._write(f"{self.name} [{'#' * done}{'.' * (20 - done)}] epoch {epoch + 1} of {epochs}")

    def on_train_end(self, logs=None):
        """Leaves one line: epochs, seconds, the last loss or ELBO."""
        seconds = time.time() - self._begin
        name = next((name for name in ("loss", "elbo") if name in self._logs), None)
        value = "" if name is None else f", {name} {self._logs[name]:.2f}"
        self._write(f"{self.name}: {self.params['epochs']} epochs in {seconds:.0f} s{value}", "\n")

    def _write(self, text, end=""):
        print("\r" + text.ljust(70), end=end, flush=True)
