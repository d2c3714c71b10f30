"""Every claim measured by one command, `python -m benchmarks.claims`, which writes docs/results.md.

Each section (`toys`, `mnist01`, `fashion`) is a module with `TITLE`, `jobs(quick, seeds)` (what to
train), `run(job)` (train and measure, in a process of its own) and `section(results, images, quick)`
(its part of the page). `runner` runs the jobs and resumes; `report` writes the page.
"""
