"""Pages in which a trained decoder runs under the reader's finger: an export, and the page itself."""

from intelvae_keras.explorer.export import Export, export

__all__ = ["Export", "export"]
