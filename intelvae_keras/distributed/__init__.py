"""Training on several machines: what Keras' `fit` does, over a `MultiWorkerMirroredStrategy`.

The same program runs on every machine (a worker). TensorFlow makes every worker do the same steps and
adds up their gradients: a worker that leaves out a collective operation leaves the others waiting.
Collective are: creating variables, each step, what is in `collectives`, and in Keras reading or
resetting a metric. Reading, setting and saving weights is not, so that one worker, the chief, writes
all files.
"""

from intelvae_keras.distributed.cluster import is_chief, strategy
from intelvae_keras.distributed.training import evaluate, fit

__all__ = ["evaluate", "fit", "is_chief", "strategy"]
