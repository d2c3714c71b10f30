"""The whole build of the site, in the order of its steps.

python -m scripts.docs             # prepare, build with mkdocs, finish, check the links: site/
python -m scripts.docs --serve     # the same, then show it on 127.0.0.1:8000; a change builds it anew
python -m scripts.docs --zensical  # prepare, then a second build with Zensical: build/zensical/
"""

import argparse
import os
import pathlib
import subprocess
import sys

from scripts.docs import assets, finish, links, notebooks, presets, repository, serve

ROOT = pathlib.Path(__file__).parents[2]
SITE = ROOT / "site"


def prepare():
    """Writes what the pages need and the repository does not hold: all of it is git-ignored."""
    notebooks.convert_all(ROOT / "tutorials", ROOT / "docs" / "tutorials")
    assets.copy_all(ROOT, ROOT / "docs" / "assets")
    presets.write_table(ROOT, ROOT / "docs" / "assets" / "presets.table")


def build():
    """Builds, and ends the process with an error if a page, link or anchor is missing."""
    prepare()
    # Its warning about mkdocs 2 says nothing that a reader of this build can act on.
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    config = repository.configuration(ROOT)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean", "-f", str(config)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    finish.finish(SITE)
    report(SITE)


def zensical():
    """A second reader of mkdocs.yml: it must find every page, link and anchor too."""
    prepare()
    target = ROOT / "build" / "zensical"
    target.parent.mkdir(exist_ok=True)
    config = (ROOT / "mkdocs.yml").read_text()
    other = ROOT / "zensical.build.yml"  # beside mkdocs.yml, as its paths are relative
    other.write_text(config.replace("site_dir: site", "site_dir: build/zensical"))
    try:
        command = [sys.executable, "-m", "zensical", "build", "--clean", "-f", str(other)]
        subprocess.run(command, cwd=ROOT, check=True)
    finally:
        other.unlink()
    report(target)


def report(site):
    """Says how many pages there are, and ends with an error if a link leads nowhere."""
    broken = links.broken(site)
    for line in broken:
        print(line, file=sys.stderr)
    if broken:
        sys.exit(f"{len(broken)} links lead nowhere, see above.")
    pages = len(list(site.rglob("*.html")))
    print(f"{pages} pages in {site.relative_to(ROOT)}/; all links and anchors hold.")


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.docs", description="Builds the site.")
    parser.add_argument("--serve", action="store_true", help="show it, and build it anew on change")
    parser.add_argument("--zensical", action="store_true", help="build with Zensical instead")
    parser.add_argument("--port", type=int, default=8000, help="port for --serve (8000)")
    options = parser.parse_args()
    if options.zensical:
        return zensical()
    build()
    if options.serve:
        watched = [ROOT / "docs", ROOT / "mkdocs.yml", ROOT / "intelvae_keras", ROOT / "tutorials"]
        command = [sys.executable, "-m", "scripts.docs"]
        serve.serve(SITE, options.port, watched, lambda: subprocess.run(command, cwd=ROOT))


if __name__ == "__main__":
    main()
