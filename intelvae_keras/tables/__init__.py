"""Tables of your own: a pandas DataFrame with columns of several kinds, and holes.

Example:
    >>> from intelvae_keras import datasets, tables
    >>> penguins = datasets.load("penguins")
    >>> table = tables.Table(penguins)
    >>> table.kinds["sex"]
    'binary'
"""

from intelvae_keras.tables.table import Table

__all__ = ["Table"]
