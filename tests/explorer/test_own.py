"""`vae.explore`: what it writes, what it refuses to write over, what it says in a notebook."""

import base64
import html
import json
import subprocess

import numpy as np
import pytest
import tensorflow_probability as tfp
from helpers.mappings import bend
from helpers.page import NODE, PAGE, needs_node

from intelvae_keras import InteLVAE, explorer, likelihoods, mappings, networks, priors

tfd = tfp.distributions

FILES = {"index.html", "explorer.css", "explorer.js", "model.js"}


def _vae(latent_dim=2, shape=(2,), **kwargs):
    return InteLVAE(
        latent_dim,
        encoder=networks.mlp_encoder([4]),
        decoder=networks.mlp_decoder(shape, [4]),
        **({"likelihood": likelihoods.Gaussian(scale=1.0)} | kwargs),
    )


def _model(page):
    text = page.files()["model.js"].split(" = ", 1)[1].rstrip(";\n")
    return json.loads(text)


def test_writes_a_page(tmp_path):
    folder = tmp_path / "deep" / "out"
    page = _vae().explore(folder)
    assert {path.name for path in folder.iterdir()} == FILES
    assert page.index == folder / "index.html"
    assert all(page.files()[name] == (folder / name).read_text("utf-8") for name in FILES)


def test_writes_over_its_own(tmp_path):
    _vae().explore(tmp_path, title="first")
    (tmp_path / "notes.txt").write_text("mine")
    _vae().explore(tmp_path, title="second")
    assert "second" in (tmp_path / "index.html").read_text("utf-8")
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_one_file_to_mail(tmp_path):
    page = _vae().explore(tmp_path / "mail" / "model.html", title="first")
    assert [path.name for path in (tmp_path / "mail").iterdir()] == ["model.html"]
    text = page.index.read_text("utf-8")
    assert "src=" not in text and "href=" not in text  # all is in it
    _vae().explore(tmp_path / "mail" / "model.html", title="second")
    assert "second" in page.index.read_text("utf-8")
    (tmp_path / "mine.html").write_text("mine")
    with pytest.raises(FileExistsError, match=r"mine\.html is there"):
        _vae().explore(tmp_path / "mine.html")
    assert (tmp_path / "mine.html").read_text() == "mine"


def test_latents_come_in_the_order_of_their_kl():
    x = np.random.default_rng(0).normal(size=(40, 2)).astype("float32")
    vae = _vae(3)
    found = _model(vae.explore(x=x))["latents"]
    q = vae.posterior(x)
    marginals = tfd.Normal(q.mean(), q.stddev())
    kl = np.mean(tfd.kl_divergence(marginals, tfd.Normal(0.0, 1.0)), axis=0)
    np.testing.assert_allclose(found["kl"], kl, atol=1e-4)
    assert found["order"] == np.argsort(-kl).tolist()
    assert _model(vae.explore())["latents"] == {"order": [0, 1, 2], "kl": None}
    other = _vae(3, prior=priors.Laplace())
    moved = np.var(other.posterior(x).mean(), axis=0)
    found = _model(other.explore(x=x))["latents"]
    assert found == {"order": np.argsort(-moved).tolist(), "kl": None}


def test_the_examples_come_along():
    vae = InteLVAE(
        2, encoder=networks.mlp_encoder([2]), decoder=networks.mlp_decoder((3, 2, 1), [2])
    )
    x = np.random.default_rng(0).uniform(size=(5, 3, 2, 1)).astype("float32")
    kept = _model(vae.explore(x=x))["originals"]["base64"]
    shades = np.frombuffer(base64.b64decode(kept), np.uint8).reshape(x.shape)
    np.testing.assert_allclose(shades / 255, x, atol=0.5 / 255 + 1e-6)
    points = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    rows = _model(_vae().explore(x=points))["originals"]["rows"]
    np.testing.assert_allclose(rows, points, rtol=1e-5)


@pytest.mark.parametrize("name", sorted(FILES))
def test_writes_over_nothing_else(tmp_path, name):
    (tmp_path / name).write_bytes(b"\xff mine")
    with pytest.raises(FileExistsError, match=f"{name} is there"):
        _vae().explore(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == b"\xff mine"


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(FileExistsError, match="out is a file"):
        _vae().explore(tmp_path / "out")


def test_nothing_is_written_where_the_page_cannot_run_it(tmp_path):
    vae = _vae(mapping=mappings.Function(bend))
    with pytest.raises(ValueError, match="'bend'"):
        vae.explore(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_no_folder_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert _vae().explore().index is None
    assert not list(tmp_path.iterdir())


def test_examples_come_with_their_codes():
    vae = _vae()
    x = np.random.default_rng(0).normal(size=(300, 2)).astype("float32")
    model = _model(vae.explore(x=x))
    assert len(model["codes"]) == len(model["points"]) == 200
    np.testing.assert_allclose(model["codes"], vae.posterior(x[:200]).mean(), atol=1e-4)
    np.testing.assert_allclose(model["range"], [x[:200].min(), x[:200].max()], rtol=1e-6)


def test_each_named_column_has_its_own_range():
    x = np.random.default_rng(0).normal(size=(9, 3)).astype("float32") * [1, 1000, 0]
    vae = _vae(shape=(3,))
    columns = _model(vae.explore(x=x, names=["a", "b", "c"]))["columns"]
    np.testing.assert_allclose(columns, np.stack([x.min(axis=0), x.max(axis=0)], axis=1), rtol=1e-6)
    assert _model(vae.explore(x=x))["columns"] == []  # as of a series: one range for all


def test_bad_examples_and_names():
    with pytest.raises(ValueError, match="x"):
        _vae().explore(x=np.zeros((3, 5), "float32"))
    with pytest.raises(ValueError, match="names must hold 2 names.*got 1"):
        _vae().explore(names=["one"])


def test_titles_and_names_are_text(tmp_path):
    wicked = "</script><script>alert(1)</script>"
    page = _vae().explore(tmp_path, title=wicked, names=[wicked, "b"])
    for content in page.files().values():
        assert "<script>alert" not in content
    assert _model(page)["names"][0] == wicked
    assert "<script>alert" not in page._repr_html_()


def test_a_notebook_shows_the_page_itself():
    text = explorer.explore(_vae())._repr_html_()
    assert text.startswith("<iframe srcdoc=")
    page = html.unescape(text.split('srcdoc="', 1)[1].split('" title=', 1)[0])
    assert "intelvaeModel" in page and "src=" not in page.replace("srcdoc", "")


@needs_node
def test_the_one_script_holds_all_modules(tmp_path):
    """It is parsed and run by Node up to where it needs a document; no script of the package lies idle."""
    page = _vae().explore(tmp_path)
    script = page.files()["explorer.js"]
    assert "import " not in script.replace("// ", "") and "\nexport " not in script
    stub = "globalThis.document = {querySelector: () => null};"
    done = subprocess.run(
        [NODE, "-e", f"{stub}\n{script}\nconsole.log(Object.keys(intelvaeModules).join())"],
        capture_output=True,
        text=True,
        check=False,
    )
    modules = set(done.stdout.strip().split(","))
    assert modules == {file.name for file in PAGE.glob("*.js")}, done.stderr


def test_a_table_has_its_columns_names_and_ranges_of_what_was_observed():
    table = likelihoods.Columns(
        [
            ([0, 1], likelihoods.Gaussian(centre=4000.0, unit=500.0)),
            ([2], likelihoods.Categorical(3)),
        ],
        names=["mass", "wing", "species"],
        missing=True,
    )
    vae = _vae(shape=table.parameters_shape((3,)), likelihood=table)
    x = np.array([[3900, np.nan, 2], [4100, 180, 0], [np.nan, 200, 1]], "float32")
    model = _model(vae.explore(x=x))
    assert model["names"] == ["mass", "wing", "species"]
    assert model["columns"] == [[3900, 4100], [180, 200], [0, 2]]
    assert model["range"] == [0, 4100]
    assert model["originals"]["rows"] == [[3900, None, 2], [4100, 180, 0], [None, 200, 1]]
    np.testing.assert_allclose(model["codes"], vae.posterior(x).mean(), atol=1e-4)
