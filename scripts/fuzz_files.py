"""Damages files of each kind that the package reads, and looks at what comes of reading them.

    python scripts/fuzz_files.py                          # 500 mutants, 3 minutes on one core
    python scripts/fuzz_files.py --mutants 40 --kinds model --seed 7

A mutant may be refused, or be read as what it was: bytes that hold nothing may change. Faults are a crash,
a hang, much memory, a file that appears, and content that is silently another one. Mutants follow from the
seed. They are read in a process of their own, since a crash would end this one.
"""

import argparse
import collections
import io
import multiprocessing
import os
import pathlib
import random
import resource
import shutil
import sys
import tempfile
import zipfile

import fuzz_kinds

SECONDS = 120  # after which a mutant counts as a hang; a busy machine takes its time
MEGABYTES = 1000  # that reading a small file may take


# ---------------------------------------------------------------------------- mutants


def _cut(content, rng):
    return content[: rng.randrange(len(content))]


def _flip(content, rng):
    changed = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 8, 64])):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _overwrite(content, rng):
    at, size = rng.randrange(len(content)), rng.choice([4, 16, 512])
    new = rng.choice([bytes(size), b"\xff" * size, rng.randbytes(size)])
    return (content[:at] + new + content[at + size :])[: len(content)]


def _insert(content, rng):
    at = rng.randrange(len(content))
    return content[:at] + rng.randbytes(rng.choice([1, 8, 100])) + content[at:]


def _take_out(content, rng):
    at = rng.randrange(len(content))
    return content[:at] + content[at + rng.choice([1, 8, 100]) :]


def _repeat(content, rng):
    at, to = rng.randrange(len(content)), rng.randrange(len(content))
    return content[:to] + content[at : at + 256] + content[to + 256 :]


def _other(content, rng):
    return rng.choice([b"", b"\0" * len(content), b"{}", b"[]", rng.randbytes(len(content))])


def _inside(content, rng):
    """Damages a member of a zip file, whose own sum then fits; any other file as a whole."""
    change = rng.choice([_flip, _overwrite])
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return change(content, rng)
    new = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(new, "w") as archive:
        largest = max(old.infolist(), key=lambda member: member.file_size)
        for member in old.infolist():
            part = old.read(member)
            archive.writestr(member, change(part, rng) if member is largest else part)
    return new.getvalue()


DAMAGES = [_cut, _flip, _flip, _overwrite, _insert, _take_out, _repeat, _other]


def mutate(name: str, folder: pathlib.Path, rng: random.Random) -> str:
    """Damages one file of a folder of this kind; what was done to which."""
    damages = DAMAGES + [_inside, _inside] * (fuzz_kinds.KINDS[name].sum == "own")
    path = rng.choice(sorted(path for path in folder.rglob("*") if path.is_file()))
    content, change = path.read_bytes(), rng.choice(damages)
    path.write_bytes(change(content, rng))
    return f"{change.__name__} {path.name}"


# ---------------------------------------------------------------------------- reading them


class Reader:
    """A process that reads one folder after the other, and is started again where it has died."""

    def __init__(self):
        self._process = None

    def __call__(self, kind: str, folder: pathlib.Path) -> dict:
        """What reading the folder gave, or how the process ended."""
        if self._process is None:
            context = multiprocessing.get_context("spawn")  # TensorFlow does not survive a fork
            self._pipe, other = context.Pipe()
            self._process = context.Process(target=_read_all, args=(other,), daemon=True)
            self._process.start()
            other.close()
        self._pipe.send((kind, folder))
        try:
            if self._pipe.poll(SECONDS):
                return self._pipe.recv()
            fault = f"not done after {SECONDS} s"
        except EOFError:
            self._process.join()
            fault = f"the process ended with {self._process.exitcode}"
        self.stop()
        return {"fault": fault}

    def stop(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._pipe.close()
            self._process.join(5)
            self._process.kill()  # where it hangs
            self._process.join()
            self._process = None


def _read_all(pipe):
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    while True:
        try:
            kind, folder = pipe.recv()
        except EOFError:
            return
        tempfile.tempdir = str(folder.parent)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            answer = {"state": fuzz_kinds.KINDS[kind].read(folder)}
        except Exception as error:  # whatever it is: it is counted
            answer = {"error": type(error).__name__, "message": str(error)}
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        pipe.send(answer | {"megabytes": (after - before) / 1024})


def outcome(name: str, folder: pathlib.Path, state: str, read: Reader) -> tuple[str, str]:
    """How reading the folder ended, and the details of a fault."""
    kind, before = fuzz_kinds.KINDS[name], _listed(folder)
    answer = read(name, folder)
    if "fault" in answer:
        return "FAULT", answer["fault"]
    if answer["megabytes"] > MEGABYTES:
        return "FAULT", f"took {answer['megabytes']:.0f} MB"
    appeared = _listed(folder) - before - {folder / name for name in kind.may_write}
    if appeared:
        return "FAULT", f"wrote {sorted(map(str, appeared))}"
    if "error" in answer:
        named = any(path.name in answer["message"] for path in folder.rglob("*"))
        return f"refused{' by name' * named}: {answer['error']}", ""
    if answer["state"] is None:
        return "taken for missing", ""
    if answer["state"] == state:
        return "as it was", ""
    return ("FAULT", "silently another") if kind.sum else ("other values, no sum", "")


def _listed(folder):
    return set(folder.parent.rglob("*"))


def try_mutants(number: int, kinds: list[str], seed: int) -> tuple[dict, list[str]]:
    """Reads so many mutants of the kinds, in turn.

    Returns:
        How often which outcome was, by kind; and the faults, in words.
    """
    counts, faults, read, states = collections.defaultdict(collections.Counter), [], Reader(), {}
    with tempfile.TemporaryDirectory() as work:
        now = pathlib.Path(work).resolve() / "now"
        for name in kinds:
            fuzz_kinds.KINDS[name].write(_made(now.parent / name))
            states[name] = read(name, shutil.copytree(now.parent / name, now / name))["state"]
            shutil.rmtree(now)
        for index in range(number):
            name = kinds[index % len(kinds)]
            folder = shutil.copytree(now.parent / name, now / name)
            done = mutate(name, folder, random.Random(f"{seed} {name} {index}"))
            result, details = outcome(name, folder, states[name], read)
            counts[name][result] += 1
            if details:
                faults.append(f"{name}, mutant {index} ({done}): {details}")
            shutil.rmtree(now)
    read.stop()
    return counts, faults


def _made(folder):
    folder.mkdir()
    return folder


def main() -> int:
    """Tries the mutants and prints a table; returns the number of faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=500, help="of all kinds together")
    parser.add_argument("--kinds", nargs="+", choices=fuzz_kinds.KINDS, default=[*fuzz_kinds.KINDS])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    counts, faults = try_mutants(options.mutants, options.kinds, options.seed)
    for name, found in counts.items():
        print(f"{name}: {sum(found.values())} mutants")
        for result, count in sorted(found.items()):
            print(f"    {count:4} {result}")
    print("\n".join(faults))
    print(f"{options.mutants} mutants, {len(faults)} faults (seed {options.seed})")
    return len(faults)


if __name__ == "__main__":
    sys.exit(bool(main()))
