"""A table as the peers see it: numbers standardised as the VAE's, and the way back to log p of x itself."""

import numpy as np


class View:
    """Columns of a `Table` by kind, with real and positive ones standardised.

    Attributes:
        kinds: The kind of each column.
        labels: How many labels each column has; 0 for numbers.
    """

    def __init__(self, table):
        about = table.get_config()["columns"]
        self.kinds = [column["kind"] for column in about]
        self.labels = [len(column["labels"]) for column in about]
        self._positive = np.array([kind == "positive" for kind in self.kinds])
        self.scaled = np.array([kind in ("real", "positive") for kind in self.kinds])
        centres, units = (np.array([column[key] for column in about]) for key in ("centre", "unit"))
        self._centre = np.where(self.scaled, centres, 0)
        self._unit = np.where(self.scaled, units, 1)

    def standardised(self, array):
        """The array, float64, with (x - centre) / unit of real columns, of log x if positive."""
        x = np.asarray(array, "float64").copy()
        x[:, self._positive] = np.log(x[:, self._positive])
        return (x - self._centre) / self._unit

    def log_volume(self, array):
        """What to add to the log density of standardised rows: that of x, shape (N,); holes count 0."""
        x = np.asarray(array, "float64")
        each = np.where(self._positive, -np.log(np.where(self._positive, x, 1)), 0)
        return np.where(np.isnan(x), 0, each - np.log(self._unit)).sum(axis=1)
