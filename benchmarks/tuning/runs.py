"""The trainings of the tuning: the claims' own jobs, with other seeds, on validation data."""

from benchmarks.claims import hierarchy, image_models, mnist01, patterns, sparsity, toys
from benchmarks.claims.toys import models
from benchmarks.tuning.settings import GRIDS, SEEDS
from intelvae_keras.presets import digits

# (task, model) of each section. The strengths of a penalty share the setting of the one in the middle.
MODELS = {
    "toys": [(toy, model) for toy in toys.TOYS for model in models.NAMES],
    "mnist01": [("mnist01", model) for model in mnist01.MODELS],
    "sparsity": [("fashion_mnist", model) for model in sparsity.NAMES],
    "hierarchy": [("fashion_mnist", model) for model in hierarchy.NAMES],
    "patterns": [("patterns", model) for model in sparsity.NAMES],
}
LENGTH = {
    "toys": {"steps": toys.STEPS},
    "mnist01": {"epochs": digits.EPOCHS},
    "sparsity": {"epochs": sparsity.EPOCHS},
    "hierarchy": {"epochs": hierarchy.EPOCHS},
    "patterns": {"epochs": patterns.EPOCHS, "examples": patterns.EXAMPLES},
}


def jobs():
    """One job for each section, task, model, setting and seed."""
    # The data that every clone has, unless the user has the whole set: as the claims choose.
    fashion = image_models.fashion_name(quick=False)
    return [
        {
            "section": section,
            "name": "-".join([section, _words(task), _words(model), *map("{:g}".format, setting)])
            + f"-{seed}",
            "task": task,
            "model": model,
            "seed": seed,
            **setting._asdict(),
            **LENGTH[section],
            **({"data": fashion} if task == "fashion_mnist" else {}),
        }
        # Seed by seed: a run cut short has one of each.
        for number in range(max(map(len, SEEDS.values())))
        for section, models_ in MODELS.items()
        for task, model in models_
        for setting in GRIDS[section]
        for seed in SEEDS[section][number : number + 1]
    ]


def _words(name):
    return name.lower().replace(",", "").replace(" ", "-")
