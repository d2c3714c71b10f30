"""Pictures while training: samples of the model, and where fixed data lie among the latents."""

import os
import pathlib
import sys
import typing

import keras
from numpy.typing import ArrayLike

from intelvae_keras._engine import checks

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure  # slow to import


class _Pictures(keras.callbacks.Callback):
    """Draws a figure after every few epochs, into a folder or into the notebook.

    Nothing random is drawn from the model's state, so that training goes on to the last bit as it
    would without pictures.
    """

    after_backup = True  # so that no picture is ahead of it
    chief_only = True  # of several machines, see `distributed`: one writes the files

    def __init__(self, folder: str | os.PathLike | None, every: int, seed: int):
        super().__init__()
        self.every = checks.integer("every", every, minimum=1)
        self.seed = checks.integer("seed", seed, minimum=0)
        if folder is None and not _in_notebook():
            raise ValueError(
                "folder must be given outside a notebook, where pictures cannot be shown."
            )
        self.folder = None if folder is None else pathlib.Path(checks.path("folder", folder))
        self._begun = False

    def figure(self) -> "Figure":
        """The figure to draw, of `self.model` as it is now."""
        raise NotImplementedError

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Notes that the next epoch is the first."""
        self._begun = False

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Makes the folder, and makes sure that it holds no pictures of another run.

        A resumed run does not begin with epoch 0, and goes on where it was.

        Raises:
            FileExistsError: If this is epoch 0, and the folder holds pictures.
        """
        if self._begun or self.folder is None:
            return
        self._begun = True
        if epoch == 0 and any(self.folder.glob("epoch-*.png")):
            raise FileExistsError(
                f"folder {str(self.folder)!r} holds the pictures of another run. Remove them, or "
                f"give {type(self).__name__} another folder; to go on with that run, pass "
                "initial_epoch to fit, or use BackupAndRestore."
            )
        self.folder.mkdir(parents=True, exist_ok=True)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Writes or shows the picture of this epoch."""
        number = epoch + 1
        if number % self.every:
            return
        from intelvae_keras.plots import style  # here, since matplotlib is slow to import

        figure = self.figure()
        figure.suptitle(f"After epoch {number}", fontsize=style.MEDIUM, color=style.INK)
        if self.folder is None:
            from IPython.display import display

            display(figure)
        else:
            figure.savefig(self.folder / f"epoch-{number:04d}.png")


class SampleGrid(_Pictures):
    """Pictures of `plots.samples` after every few epochs, from the same y each time.

    The files are `epoch-0001.png` and so on. With `BackupAndRestore`, a picture comes after the backup of
    its epoch, so that none is ahead of it.

    ```python
    vae.fit(x, epochs=30, callbacks=[callbacks.SampleGrid("runs/samples", every=5)])
    ```

    Args:
        folder: Folder for the files, made if need be; None to show the pictures in a notebook.
        every: Epochs from one picture to the next, >= 1.
        num_samples: Samples, >= 1; None for 64 images, or 2,000 points of the plane.
        seed: Integer seed of the samples, >= 0.

    Raises:
        TypeError: If `every`, `num_samples` or `seed` is not an integer.
        ValueError: If an argument is outside its range, or `folder` is None outside a notebook.
        FileExistsError: When training begins, if `folder` holds the pictures of another run.
    """

    def __init__(
        self,
        folder: str | os.PathLike | None = None,
        every: int = 1,
        num_samples: int | None = None,
        seed: int = 0,
    ):
        super().__init__(folder, every, seed)
        if num_samples is not None:
            num_samples = checks.integer("num_samples", num_samples, minimum=1)
        self.num_samples = num_samples

    def figure(self) -> "Figure":
        """The samples."""
        from intelvae_keras import plots

        return plots.samples(self.model, self.num_samples, self.seed)


class LatentSnapshots(_Pictures):
    """Pictures of the latents of fixed data after every few epochs, with the same noise each time.

    `plots.latent_histograms` for one latent, `plots.latent_scatter` of z for more. The files are
    `epoch-0001.png` and so on; with `BackupAndRestore`, each comes after the backup of its epoch.

    ```python
    vae.fit(x, epochs=30, callbacks=[callbacks.LatentSnapshots(x_test, labels, "runs/latents")])
    ```

    Args:
        x: Data, shape (N, *shape), some thousand examples.
        labels: Classes, shape (N,), at most ten; None for a single one.
        folder: Folder for the files, made if need be; None to show the pictures in a notebook.
        every: Epochs from one picture to the next, >= 1.
        seed: Integer seed of the draws from the posterior, >= 0.

    Raises:
        TypeError: If `every` or `seed` is not an integer.
        ValueError: If an argument is outside its range, `folder` is None outside a notebook, or
            there is not one label per example.
        FileExistsError: When training begins, if `folder` holds the pictures of another run.
    """

    def __init__(
        self,
        x: ArrayLike,
        labels: ArrayLike | None = None,
        folder: str | os.PathLike | None = None,
        every: int = 1,
        seed: int = 0,
    ):
        super().__init__(folder, every, seed)
        if len(x) == 0:
            raise ValueError("x must hold at least one example; got none.")
        if labels is not None and len(labels) != len(x):
            raise ValueError(f"labels must be {len(x)}, one per row of x; got {len(labels)}.")
        self.x = x
        self.labels = labels

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Checks the data and the folder."""
        self.model.check_data("LatentSnapshots' x", self.x)
        super().on_train_begin(logs)

    def figure(self) -> "Figure":
        """The histograms or the scatter."""
        from intelvae_keras import plots

        draw = plots.latent_histograms if self.model.latent_dim == 1 else plots.latent_scatter
        return draw(self.model, self.x, self.labels, seed=self.seed)


def _in_notebook():
    # A notebook has imported IPython by itself; a terminal has no kernel.
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return hasattr(shell, "kernel")
