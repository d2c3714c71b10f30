"""Runs jobs in several processes, each with one TensorFlow thread, and goes on where it was killed.

A job is a dict of JSON values with "section" (the module whose `run(job)` does it), "name" and
"seed". Its result is kept in <folder>/<section>/<name>.json beside the job itself: the same job is
not run twice, and one whose settings have changed is run again.
"""

import collections
import importlib
import json
import multiprocessing
import multiprocessing.connection
import os
import pathlib
import time
import traceback

import tqdm

from intelvae_keras._engine import json_files, whole_files

# One thread a process: on small networks, two processes of one thread do more than one of two.
_ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_JOBS_PER_PROCESS = 25  # then a fresh one, so that traced graphs do not fill the memory


def run_jobs(jobs, folder, workers=2, package="benchmarks.claims"):
    """Runs the jobs that have no result yet, in their order.

    Args:
        jobs: Job dicts.
        folder: Where results are kept.
        workers: Number of processes, >= 1.
        package: The package that holds the sections.

    Returns:
        {name of the job: traceback} of those that failed. They have no result, and are tried again by
        the next call.
    """
    _check_names(jobs)
    waiting = collections.deque(job for job in jobs if read(job, folder) is None)
    progress = tqdm.tqdm(total=len(jobs), initial=len(jobs) - len(waiting), unit="job", smoothing=0)
    failures, idle, busy = {}, [], {}
    try:
        while waiting or busy:
            while waiting and len(busy) < workers:
                worker = idle.pop() if idle else _Worker(package)
                worker.start(waiting.popleft())
                busy[worker.pipe] = worker
            for pipe in multiprocessing.connection.wait(list(busy)):
                worker = busy.pop(pipe)
                record, error = worker.finish()
                name = f"{worker.job['section']}/{worker.job['name']}"
                if error is None:
                    _write(record, folder)
                else:
                    failures[name] = error
                    progress.write(f"{name} failed:\n{error}")
                if worker.is_spent():
                    worker.stop()
                else:
                    idle.append(worker)
                progress.set_postfix_str(name, refresh=False)
                progress.update()
    finally:
        for worker in [*idle, *busy.values()]:
            worker.stop()
        progress.close()
    return failures


def read(job, folder):
    """The record {"job", "result", "minutes" of one core} of a job, or None if it is not done."""
    try:
        record = json_files.read(_path(job, folder), "it is measured anew")
    except OSError:  # missing or damaged
        return None
    return record if record.get("job") == _as_json(job) and "result" in record else None


def archive(records, path):
    """Adds records to a file of stored runs, one a line, in the order of section and name; gives all.

    A record takes the place of the one of its section and name.
    """
    stored = json.loads(path.read_text()) if path.exists() else []
    kept = {(r["job"]["section"], r["job"]["name"]): r for r in [*stored, *records]}
    records = [kept[key] for key in sorted(kept)]
    lines = ",\n".join(json.dumps(record) for record in records)
    whole_files.write(path, f"[\n{lines}\n]\n".encode())
    return records


def finished(folder):
    """The records that lie in a folder of `run_jobs`."""
    return [json.loads(path.read_text()) for path in pathlib.Path(folder).glob("*/*.json")]


def _write(record, folder):
    path = _path(record["job"], folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    whole_files.write(path, json.dumps(record).encode())  # a killed run leaves no half result


def _path(job, folder):
    return pathlib.Path(folder) / job["section"] / f"{job['name']}.json"


def _as_json(job):
    return json.loads(json.dumps(job))  # tuples become lists


def _check_names(jobs):
    counts = collections.Counter((job["section"], job["name"]) for job in jobs)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise ValueError(f"jobs must have names of their own; got {twice[0]} more than once.")


class _Worker:
    """A process that runs one job after the other."""

    def __init__(self, package):
        # In the environment, because TensorFlow reads it when it is imported.
        before = {name: os.environ.get(name) for name in _ENVIRONMENT}
        os.environ.update(_ENVIRONMENT)
        try:
            context = multiprocessing.get_context("spawn")  # TensorFlow does not survive a fork
            self.pipe, other = context.Pipe()
            self.process = context.Process(target=_work, args=(other, package), daemon=True)
            self.process.start()
            other.close()
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
        self.job, self.done, self.dead = None, 0, False

    def start(self, job):
        self.job = job
        self.pipe.send(job)

    def finish(self):
        """(record, None), or (None, what went wrong)."""
        self.done += 1
        try:
            return self.pipe.recv()
        except EOFError:
            self.process.join()
            self.dead = True
            return None, f"The process ended with exit code {self.process.exitcode}."

    def is_spent(self):
        return self.dead or self.done >= _JOBS_PER_PROCESS

    def stop(self):
        self.process.terminate()
        self.process.join()
        self.pipe.close()


def _work(pipe, package):
    while True:
        try:
            job = pipe.recv()
        except (EOFError, KeyboardInterrupt):  # the parent is gone
            return
        start = time.process_time()  # what else the machine does costs no minutes
        try:
            result = importlib.import_module(f"{package}.{job['section']}").run(job)
            minutes = (time.process_time() - start) / 60
            record = {"job": _as_json(job), "result": _as_json(result), "minutes": minutes}
            pipe.send((record, None))
        except Exception:
            pipe.send((None, traceback.format_exc()))
