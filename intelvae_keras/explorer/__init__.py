"""Pages in which a trained decoder runs under the reader's finger: an export, and the page itself."""

from intelvae_keras.explorer.exporting import Export, export
from intelvae_keras.explorer.own import Page, explore

__all__ = ["Export", "Page", "explore", "export"]
