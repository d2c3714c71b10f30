"""`make demo`, `make claims`, `make presets`, killed at random: do they end as runs that were left alone?

    python -m benchmarks.kills                # 5 kills each, 15 minutes on two cores
    python -m benchmarks.kills demo --kills 20

Each command runs in two copies of the tracked files. In one it is left alone. In the other it gets SIGKILL
at random moments, with all its processes, and is started again each time, until it ends. Then both
must have the same results to the last bit; only times may differ.
"""

import argparse
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PRESET = "circle"
# The module to run, and the files that it leaves.
COMMANDS = {
    "demo": (["intelvae_keras"], ["runs/demo/results.json"]),
    "claims": (["benchmarks.claims", "--quick"], ["runs/claims-quick/*/*.json"]),
    "presets": (
        ["benchmarks.presets", PRESET],
        [f"intelvae_keras/presets/trained/{PRESET}.npz", "intelvae_keras/presets/trained/*.json"],
    ),
}
TIMES = re.compile(rb'"(seconds|minutes|date)": *[^,}\n]*')


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("commands", nargs="*", choices=[*COMMANDS, []], help="all by default")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng, failed = random.Random(options.seed), False
    for name in options.commands or COMMANDS:
        command, patterns = COMMANDS[name]
        with tempfile.TemporaryDirectory() as folder:
            alone, killed = (copy(pathlib.Path(folder) / part) for part in ("alone", "killed"))
            began = time.monotonic()
            finish(start(command, alone), alone)
            seconds = time.monotonic() - began
            moments = kill(command, killed, seconds, options.kills, rng)
            expected, found = left(alone, patterns), left(killed, patterns)
        if not expected:
            raise RuntimeError(f"{name} left none of {patterns}.")
        differ = sorted(
            path for path in expected.keys() | found if expected.get(path) != found.get(path)
        )
        failed |= bool(differ)
        verdict = f"DIFFER: {', '.join(differ)}" if differ else "the same bits"
        print(f"{name}: {seconds:.0f} s alone; killed after {moments} s; {verdict}", flush=True)
    return failed


def copy(folder):
    """A copy of the tracked files, in which the preset has no figures."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    for name in listed.stdout.splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    (folder / f"intelvae_keras/presets/trained/{PRESET}.npz").unlink()
    return folder


def start(command, folder):
    """The command as a process group of its own, which runs the code of the copy."""
    environment = os.environ | {"PYTHONPATH": str(folder), "MPLBACKEND": "agg"}
    with open(folder / "output.txt", "a") as output:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def finish(process, folder):
    """Waits for its end, which must be a good one."""
    if process.wait():
        printed = (folder / "output.txt").read_text()[-2000:]
        raise RuntimeError(f"{process.args} ended with {process.returncode}:\n{printed}")


def kill(command, folder, seconds, kills, rng):
    """Kills the command at `kills` random moments, then lets it end; returns the moments, in seconds."""
    moments = []
    for _ in range(kills):
        process = start(command, folder)
        moment = rng.uniform(0, seconds / 3)  # the work of most runs is cut off, and few end it
        try:
            process.wait(moment)
            break  # it ended before its turn came
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            moments.append(round(moment))
    finish(start(command, folder), folder)
    return moments


def left(folder, patterns):
    """{path: content without times} of the files that a command left."""
    found = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
    return {str(path.relative_to(folder)): TIMES.sub(b"", path.read_bytes()) for path in found}


if __name__ == "__main__":
    sys.exit(main())
