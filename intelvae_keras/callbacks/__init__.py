"""What happens while training: schedules, backups, pictures."""

from intelvae_keras.callbacks.annealing import WidthAnnealing
from intelvae_keras.callbacks.backup import BackupAndRestore
from intelvae_keras.callbacks.pictures import LatentSnapshots, SampleGrid
from intelvae_keras.callbacks.warmup import KLWarmup

__all__ = ["BackupAndRestore", "KLWarmup", "LatentSnapshots", "SampleGrid", "WidthAnnealing"]
