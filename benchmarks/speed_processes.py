"""The processes that `speed.py` starts: one that trains for each model, and one for each other measure."""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


class Worker:
    """A process that trains one model by one epoch whenever asked."""

    def __init__(self, name, train, test, learning_rate, pythae=None):
        if name.startswith("pythae"):
            command = [pythae, HERE / "pythae_worker.py", name.removeprefix("pythae_")]
        else:
            command = [sys.executable, HERE / "speed_worker.py", name]
        self.process = subprocess.Popen(
            [str(part) for part in [*command, train, test, learning_rate]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.about = self.answer()

    def answer(self):
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        raise RuntimeError(
            f"{self.process.args[1:3]} ended without an answer; run it by hand to see why."
        )

    def epoch(self, elbo=False):
        """Trains by an epoch; {"seconds": ..., "elbo": ... or None}."""
        self.process.stdin.write("elbo\n" if elbo else "go\n")
        self.process.stdin.flush()
        return self.answer()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def inside(measure, train, rounds):
    """What `speed_inside.py` prints of one measure, in a process of its own."""
    command = [sys.executable, HERE / "speed_inside.py", measure, "--images", train]
    output = subprocess.run(
        [*map(str, command), "--rounds", str(rounds)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(output.stdout.strip().splitlines()[-1])
