"""Which files of a folder count: hidden ones, links, odd names, and their order."""

import os

import numpy as np
import pytest
from helpers.folders import grays, save

from intelvae_keras import datasets
from intelvae_keras.datasets import image_files


def names(root):
    return [os.path.relpath(file, root) for file in image_files.find("path", root)]


@pytest.fixture
def three(tmp_path):
    root = tmp_path / "root"
    for i, name in enumerate(["a.png", "sub/b.png", "sub/deep/c.png"]):
        save(root / name, np.full((4, 4, 3), 10 * i))
    return root


ALL = ["a.png", "sub/b.png", "sub/deep/c.png"]


@pytest.mark.parametrize(
    "hidden",
    [
        ".ipynb_checkpoints/a-checkpoint.png",
        "sub/.cache/deep/a.png",
        "._a.png",
        "sub/.hidden.png",
        "__MACOSX/a.png",
        "sub/@eaDir/a.png",
        "$RECYCLE.BIN/a.png",
        "notes.txt",
        "folder.png/notes.txt",
    ],
)
def test_hidden_files_and_others_are_left_alone(three, hidden):
    (three / hidden).parent.mkdir(parents=True, exist_ok=True)
    (three / hidden).write_bytes(b"no image")
    assert names(three) == ALL


def test_folder_may_itself_be_hidden(tmp_path):
    save(tmp_path / ".cache" / "faces" / "a.png", np.zeros((4, 4, 3)))
    assert names(tmp_path / ".cache") == ["faces/a.png"]


def test_linked_files_and_folders_are_read(three, tmp_path):
    save(tmp_path / "other" / "d.png", np.full((4, 4, 3), 30))
    save(tmp_path / "pool" / "x.png", np.full((4, 4, 3), 40))
    (three / "linked").symlink_to(tmp_path / "other")
    (three / "e.png").symlink_to(tmp_path / "pool" / "x.png")
    assert names(three) == ["a.png", "e.png", "linked/d.png", *ALL[1:]]
    dataset = datasets.image_folder(three, 4, shuffle=False)
    assert grays(dataset) == [0, 40, 30, 10, 20]


@pytest.mark.parametrize("target", [".", "..", "sub", "sub/deep", "../.."])
def test_links_upward_and_in_circles_end(three, target):
    (three / "sub" / "deep" / "up").symlink_to((three / target).resolve())
    (three / "loop").symlink_to(three / "loop")
    assert names(three) == ALL


def test_what_several_links_lead_to_is_read_once(three):
    (three / "a2.png").symlink_to(three / "a.png")
    os.link(three / "a.png", three / "a3.png")
    (three / "zsub").symlink_to(three / "sub")
    assert names(three) == ALL


def test_link_that_leads_nowhere_is_named(three):
    (three / "gone.png").symlink_to(three / "nowhere.png")
    with pytest.raises(
        ValueError, match="gone.png is no .*No such file.*a link that leads nowhere"
    ):
        datasets.image_folder(three, 4)


def test_pipe_is_not_waited_for(three):
    os.mkfifo(three / "pipe.png")
    assert names(three) == ALL


def test_folder_that_cannot_be_read(three, monkeypatch):
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(ValueError, match="path has a folder that cannot be read: .*deep .*denied"):
        image_files.find("path", three)


@pytest.mark.parametrize("suffix", ["JPG", "Jpeg", "PNG", "bmp", "gif", "webp", "TIF", "jfif"])
def test_endings(tmp_path, suffix):
    save(tmp_path / f"a.{suffix}", np.full((8, 8, 3), 102))
    assert grays(datasets.image_folder(tmp_path, 4)) == [102]


def test_odd_names(tmp_path):
    odd = [b"a b.png", b"new\nline.png", "ü.png".encode(), b"\xfc.png", b"\xff\xfe.png"]
    save(tmp_path / "source", np.full((4, 4, 3), 50), format="png")
    content = (tmp_path / "source").read_bytes()
    for name in odd:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(content)
    assert grays(datasets.image_folder(tmp_path, 4)) == [50] * 5
    with open(os.path.join(os.fsencode(tmp_path), odd[-1]), "wb"):
        pass
    # The name can be printed, so it is escaped.
    with pytest.raises(ValueError, match=r"/\\xff\\xfe.png is no image .*: it is empty"):
        datasets.image_folder(tmp_path, 4)


def test_path_that_is_none(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path / "loop", "null\0byte"):
        with pytest.raises(ValueError, match="path must be the path of a folder"):
            datasets.image_folder(path, 4)
