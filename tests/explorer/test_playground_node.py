"""The playground's tests in node: gradients by finite differences, missions, the address, the measures."""

import gzip
import shutil
import subprocess
from pathlib import Path

import pytest

NODE = shutil.which("node")
FOLDER = Path(__file__).parent / "playground"


@pytest.mark.skipif(NODE is None, reason="node, which runs the page's code, is missing")
@pytest.mark.parametrize("script", ["gradients.test.mjs", "page.test.mjs"])
def test_in_node(script):
    command = [NODE, "--test", str(FOLDER / script)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout[-4000:]
    assert "# pass 0" not in run.stdout


def test_files_are_short_and_the_page_is_light():
    folder = Path(__file__).parents[2] / "intelvae_keras" / "explorer" / "playground"
    files = [path for path in folder.rglob("*") if path.suffix in (".js", ".css", ".html")]
    assert len(files) > 20
    for path in files:
        assert len(path.read_text().splitlines()) < 200, path
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) <= 60_000
