"""What happens while training: schedules, backups, pictures."""

from intelvae_keras.callbacks.backup import BackupAndRestore
from intelvae_keras.callbacks.schedules import KLWarmup, WidthAnnealing

__all__ = ["BackupAndRestore", "KLWarmup", "WidthAnnealing"]
