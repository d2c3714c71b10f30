"""Pages of damaged models say so in words; what a page may run is written in it; HTML in names is text."""

import base64
import hashlib
import json
import re
import subprocess
import zlib

import pandas as pd
import pytest
from helpers.page import NODE, PAGE, needs_node

from intelvae_keras import InteLVAE, explorer, likelihoods, networks, tables

EVIL = '<img src=x onerror="globalThis.attacked = true">'
SCRIPT = """
import { readFileSync } from "node:fs";
const { Model } = await import(process.argv[1]);
const results = [];
for (const [spec, weights] of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    await Model.read(spec, Uint8Array.from(Buffer.from(weights, "base64")));
    results.push("");
  } catch (error) {
    results.push(error.message);
  }
}
process.stdout.write(JSON.stringify(results));
"""


def _vae(**kwargs):
    return InteLVAE(
        2,
        encoder=networks.mlp_encoder([4]),
        decoder=networks.mlp_decoder((3,), [4]),
        **({"likelihood": likelihoods.Gaussian(scale=1.0)} | kwargs),
    )


@pytest.fixture(scope="module")
def of_table():
    """A model of a table whose names and labels are HTML, and its frame."""
    frame = pd.DataFrame(
        {EVIL: [0.5, 1.5, 2.0, 3.0], "kind": [EVIL, "<b>m</b>", "<i>", EVIL], "n": [0, 1, 3, 9]}
    )
    table = tables.Table(frame)
    vae = InteLVAE(
        2,
        encoder=networks.mlp_encoder([4]),
        decoder=table.decoder([4]),
        likelihood=table.likelihood,
    )
    return vae, frame


def _resummed(spec, payload):
    return spec | {"weights": {"bytes": len(payload), "crc32": zlib.crc32(payload)}}


def _damaged():
    """(specification, weights, what the page says) of models that are damaged or made up."""
    export = explorer.export(_vae())
    spec, payload = json.loads(json.dumps(export.spec)), export.payload
    tensors = spec["tensors"]
    flipped = bytes([payload[0] ^ 1]) + payload[1:]
    few = zlib.compress(zlib.decompress(payload)[:8])
    wider = [dict(tensor) for tensor in tensors]
    kernel = next(t for t in wider if len(t["shape"]) == 2)
    kernel["shape"] = kernel["shape"][::-1]
    whole = explorer.export(_vae(), weights="float32")
    nan = zlib.compress(b"\xff" * len(zlib.decompress(whole.payload)))
    return [
        (spec, payload, ""),
        (spec, payload[:-5], "bytes long, .* were expected"),
        (spec, b"", "0 bytes long"),
        (spec, flipped, "damaged .wrong checksum"),
        (_resummed(spec, few), few, "too few for its layers"),
        (
            spec | {"tensors": wider},
            payload,
            "do not fit its layers. A layer takes 4 values, and gets 2",
        ),
        (spec | {"tensors": tensors[:1]}, payload, "do not fit its layers"),
        (spec | {"data_shape": [4]}, payload, "makes 3 values of x, not 4"),
        (_resummed(whole.spec, nan), nan, "values that are no numbers"),
        (spec | {"format": 99}, payload, "this one has format 99"),
        (spec | {"decoder": [{"type": "magic"}]}, payload, "cannot run the layer magic"),
    ]


@needs_node
def test_a_damaged_model_is_named_in_words():
    cases = _damaged()
    given = [[spec, base64.b64encode(payload).decode()] for spec, payload, _ in cases]
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", SCRIPT, (PAGE / "model.js").as_uri()],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for (_, _, expected), said in zip(cases, json.loads(done.stdout), strict=True):
        assert bool(expected) == bool(said) and re.search(expected, said), (expected, said)


def _policy(text):
    return re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]


def test_a_page_allows_its_own_files_alone():
    page = _vae().explore()
    index = page.files()["index.html"]
    assert "default-src 'none'" in _policy(index) and "unsafe" not in _policy(index)
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", index)
    text = page.one_file()
    assert "'self'" not in _policy(text).replace("img-src 'self'", "")
    for inline in re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", text, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in _policy(text)


def test_html_in_names_labels_and_title_is_no_html_in_the_files(of_table):
    vae, frame = of_table
    page = vae.explore(x=frame, title=EVIL)
    for text in (*page.files().values(), page.one_file(), page._repr_html_()):
        assert "<img" not in text and "<b>" not in text
    assert EVIL in json.loads(page.files()["model.js"].split(" = ", 1)[1].rstrip(";\n"))["names"]


@pytest.mark.site
@pytest.mark.parametrize("form", ["index.html", "page.html"])
def test_html_in_names_labels_and_title_is_shown_as_text(visit, tmp_path, of_table, form):
    vae, frame = of_table
    folder = tmp_path if form == "index.html" else tmp_path / form
    vae.explore(folder, x=frame, title=EVIL)
    shown = visit()
    shown.page.goto((tmp_path / form).as_uri())
    shown.page.wait_for_selector("[data-state=open]")
    shown.settle()
    assert shown.page.locator("h1").inner_text() == EVIL
    assert EVIL in shown.page.get_by_role("rowheader").all_inner_texts()
    cells = " ".join(shown.page.locator("td").all_inner_texts())
    assert EVIL in cells or "<b>m</b>" in cells
    assert shown.page.locator("img").count() == 0
    assert shown.page.evaluate("globalThis.attacked === undefined")


@pytest.mark.site
@pytest.mark.parametrize("form", ["index.html", "page.html"])
def test_a_script_that_is_smuggled_in_is_not_run(visit, tmp_path, form):
    _vae().explore(tmp_path if form == "index.html" else tmp_path / form)
    path = tmp_path / form
    evil = "<script>globalThis.attacked = true</script><img src=x onerror='globalThis.attacked = true'>"
    path.write_text(path.read_text("utf-8").replace("<main>", f"{evil}<main>"), "utf-8")
    shown = visit()
    shown.page.goto(path.as_uri())
    shown.page.wait_for_selector("[data-state=open]")  # the page itself runs
    assert shown.page.evaluate("globalThis.attacked === undefined")
    assert any("Content Security Policy" in fault for fault in map(str, shown.faults))
    shown.faults.clear()
