"""The README's quickstart runs as it stands, and its commands exist."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.mark.slow
def test_the_quickstart_runs_and_learns(tmp_path, monkeypatch):
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len(code.strip().splitlines()) <= 15
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    elbo = names["vae"].evaluate(names["x_test"], verbose=0, return_dict=True)["elbo"]
    assert (
        -150 < elbo < -100
    )  # nats; an untrained model has -544, one that knows only the mean -206
    assert names["images"].shape == (16, 28, 28, 1)
    assert (tmp_path / "clusters.keras").exists()


def test_each_make_target_of_the_readme_is_one_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^make ([a-z-]+)", README, flags=re.MULTILINE)
    assert {"demo", "test"} <= set(targets)
    for target in targets:
        assert re.search(rf"^{target}:.*##", makefile, flags=re.MULTILINE), target


def test_each_picture_and_page_that_the_readme_names_exists():
    links = re.findall(r"\]\(((?!http)[^)#]+)\)", README)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link
