"""The README's quickstart over several seeds, as it stands there: test ELBO and seconds of each.

python benchmarks/quickstart.py --seeds 0 1 2 3 4        # about 7 s a seed on two cores
"""

import argparse
import contextlib
import io
import os
import pathlib
import re
import tempfile
import time

import intelvae_keras  # noqa: F401  before the clock starts, and before Keras: TensorFlow is quiet then

# isort: split

import keras
import numpy as np
from scipy import stats

README = pathlib.Path(__file__).parent.parent / "README.md"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    options = parser.parse_args()
    code = re.search(r"## Quickstart\n.*?```python\n(.*?)```", README.read_text(), re.DOTALL)[1]
    elbos, seconds = [], []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # it saves a model
        for seed in options.seeds:
            keras.utils.set_random_seed(seed)
            names, start = {}, time.perf_counter()
            with contextlib.redirect_stdout(io.StringIO()):  # progress bars
                exec(code, names)
            seconds.append(time.perf_counter() - start)
            bound = names["vae"].evaluate(names["x_test"], return_dict=True, verbose=0)["elbo"]
            elbos.append(bound)
            print(f"seed {seed}: test ELBO {bound:.1f} nats, {seconds[-1]:.1f} s", flush=True)
    elbos = np.array(elbos)
    half = stats.t.ppf(0.975, len(elbos) - 1) * stats.sem(elbos)
    print(
        f"mean {elbos.mean():.1f} ± {half:.1f} (half of its 95% interval) nats, {np.mean(seconds):.1f} s"
    )


if __name__ == "__main__":
    main()
