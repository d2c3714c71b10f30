"""The same tuning budget for every model of every claim: first biases and learning rate, on validation data.

    python -m benchmarks.tuning      # 20 minutes on two quiet cores; resumes; benchmarks/results/tuning.json

Each model of claims 1 to 3, 5 and 7 trains with each setting of its section's grid, on seeds that the page
of results does not use. The setting with the highest mean log p(x) on validation data is taken (claims 5 and
7: the highest ELBO). The criterion is the same for all, so no model is chosen for its structure.
"""

from benchmarks.tuning.settings import Setting, chosen

__all__ = ["Setting", "chosen"]
