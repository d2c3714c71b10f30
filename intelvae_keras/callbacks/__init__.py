"""What happens while training: schedules, backups, pictures."""

from intelvae_keras.callbacks.annealing import Folding, StrengthAnnealing, WidthAnnealing
from intelvae_keras.callbacks.backup import BackupAndRestore
from intelvae_keras.callbacks.pictures import LatentSnapshots, SampleGrid
from intelvae_keras.callbacks.warmup import KLWarmup

__all__ = [
    "BackupAndRestore",
    "Folding",
    "KLWarmup",
    "LatentSnapshots",
    "SampleGrid",
    "StrengthAnnealing",
    "WidthAnnealing",
]
