"""The steps after mkdocs: formulas, images, the policy, and links that lead nowhere."""

import base64
import hashlib
import pathlib
import re
import shutil

import pytest
from mkdocs.config import load_config
from PIL import Image

from scripts.docs import finish, links, repository

ROOT = pathlib.Path(__file__).parents[2]
PAGE = """<!doctype html>
<html><head>
<meta charset="utf-8"><title>t</title></head><body>
<span class="arithmatex">\\(x &lt; y^2\\)</span><div class="arithmatex">\\[\\frac{a}{b}\\]</div>
<img alt="one" src="a.png" /><img alt="two" src="a.png" />
<script>let a = 1;</script></body></html>"""


@pytest.fixture
def site(tmp_path):
    Image.new("RGB", (7, 5)).save(tmp_path / "a.png")
    (tmp_path / "index.html").write_text(PAGE)
    return tmp_path


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_a_page_is_finished(site):
    if not (finish.pathlib.Path(finish.__file__).parent / "node_modules" / "katex").exists():
        pytest.skip("KaTeX is not installed; `make docs` does that")
    finish.finish(site)
    page = (site / "index.html").read_text()
    assert page.count('class="katex"') == 2 and "katex-error" not in page
    assert "arithmatex" not in page and "<mo>&lt;</mo>" in page
    assert page.count('width="7" height="5"') == 2
    assert page.count('loading="lazy"') == 1  # the first one is loaded at once
    digest = base64.b64encode(hashlib.sha256(b"let a = 1;").digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in page
    assert page.index("Content-Security-Policy") < page.index("<title>")


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("index.html", None),
        ("#there", None),
        ("#gone", "no such anchor"),
        ("missing/", "no such page or file"),
        ("https://example.org/", None),
    ],
)
def test_a_link_that_leads_nowhere_is_found(tmp_path, link, fault):
    (tmp_path / "index.html").write_text(f'<a href="{link}">x</a><h2 id="there">y</h2>')
    expected = [] if fault is None else [f"index.html: {link}: {fault}"]
    assert links.broken(tmp_path) == expected


def test_nothing_is_loaded_from_another_host(tmp_path):
    (tmp_path / "index.html").write_text('<img src="https://example.org/a.png">')
    assert "another host" in links.broken(tmp_path)[0]


def test_each_page_is_once_in_the_navigation():
    pages = re.findall(r"([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert len(pages) > 60 and sorted(set(pages)) == sorted(pages)


@pytest.mark.parametrize(
    ("claim", "page", "praise"),
    [(5, "sparse.md", "kept the Frechet"), (7, "hierarchical.md", "a lower Frechet")],
)
def test_the_reference_does_not_praise_what_the_results_refute(claim, page, praise):
    results = (ROOT / "docs/results.md").read_text("utf-8")
    verdict = re.search(rf"^\| \[{claim}\].*\| \*\*(.*)\*\* \|$", results, re.MULTILINE)[1]
    text = (ROOT / "docs/reference/mappings" / page).read_text("utf-8")
    assert verdict == "holds" or praise not in text


def test_the_repositorys_address_is_one_setting(tmp_path):
    (tmp_path / "mkdocs.yml").write_text((ROOT / "mkdocs.yml").read_text())
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\nname = "x"\n')
    assert repository.configuration(tmp_path) == tmp_path / "mkdocs.yml"  # none: no link
    project.write_text('[project.urls]\nRepository = "https://example.org/me/vae/"\n')
    found = load_config(str(repository.configuration(tmp_path)), docs_dir=str(ROOT / "docs"))
    assert found.repo_url == "https://example.org/me/vae"
    assert "content.action.edit" in found.theme["features"]
    assert "content.code.copy" in found.theme["features"]  # those of mkdocs.yml are still there
    assert repository.source_of("how-to/table.md") == "docs/how-to/table.md"
    assert repository.source_of("tutorials/05.md") == "tutorials/src/05_intel_vae.py"
