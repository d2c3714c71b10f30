"""Every public name of the package has its place in the reference."""

import importlib
import pathlib
import re

import pytest

import intelvae_keras

REFERENCE = pathlib.Path(__file__).parents[2] / "docs" / "reference"
TEXT = "\n".join(page.read_text() for page in REFERENCE.rglob("*.md"))
ASKED = set(re.findall(r"^::: (\S+)$", TEXT, flags=re.MULTILINE))
MODULES = [name for name in intelvae_keras.__all__ if name[0].islower()]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_in_the_reference(module):
    path = f"intelvae_keras.{module}"
    if path in ASKED:  # all of it
        return
    public = getattr(importlib.import_module(path), "__all__", None)
    if public is None:
        assert any(name.startswith(f"{path}.") for name in ASKED)
        return
    # `get` makes an object from what the user gave; the model calls it.
    missing = {name for name in public if f"{path}.{name}" not in ASKED} - {"get"}
    assert not missing


def test_every_mapping_has_a_page_with_formula_picture_and_cost():
    from intelvae_keras import mappings

    for name in mappings.__all__:
        item = getattr(mappings, name)
        if not (isinstance(item, type) and issubclass(item, mappings.Mapping)) or name == "Mapping":
            continue
        (page,) = [
            page
            for page in (REFERENCE / "mappings").glob("*.md")
            if f"::: intelvae_keras.mappings.{name}\n" in page.read_text()
        ]
        text = page.read_text()
        for part in ("$$", "![", "| **When** |", "| **Cost** |", "| **Throws away** |"):
            assert part in text, (page.name, part)
