"""What happens while training: schedules, backups, pictures."""

from intelvae_keras.callbacks.annealing import Folding, StrengthAnnealing, WidthAnnealing
from intelvae_keras.callbacks.backup import BackupAndRestore
from intelvae_keras.callbacks.boundary_search import BoundarySearch
from intelvae_keras.callbacks.kl_warmup import KLWarmup
from intelvae_keras.callbacks.pictures import LatentSnapshots, SampleGrid
from intelvae_keras.callbacks.ray_turn import RayTurn
from intelvae_keras.callbacks.warmup import Warmup

__all__ = [
    "BackupAndRestore",
    "BoundarySearch",
    "Folding",
    "KLWarmup",
    "LatentSnapshots",
    "RayTurn",
    "SampleGrid",
    "StrengthAnnealing",
    "Warmup",
    "WidthAnnealing",
]
