"""CelebA's layout: parts, attributes, and lists that are damaged."""

import numpy as np
import pytest
import tensorflow as tf
from helpers.folders import all_images, grays, save

from intelvae_keras import datasets

PARTS = [0, 0, 0, 1, 2, 2]
SMILING = [1, -1, 1, -1, 1, -1]


@pytest.fixture
def faces(tmp_path):
    """Six images in CelebA's layout, image i of gray level 20 i; white outside 148 x 148."""
    names = [f"{i + 1:06}.jpg" for i in range(6)]
    for i, name in enumerate(names):
        pixels = np.full((218, 178, 3), 255)
        pixels[35:183, 15:163] = 20 * i
        save(tmp_path / "img_align_celeba" / name, pixels)
    (tmp_path / "list_eval_partition.txt").write_text(
        "".join(f"{name} {part}\n" for name, part in zip(names, PARTS, strict=True))
    )
    (tmp_path / "list_attr_celeba.txt").write_text(
        "6\n5_o_Clock_Shadow Smiling\n"
        + "".join(f"{name} -1  {value}\n" for name, value in zip(names, SMILING, strict=True))
    )
    return tmp_path


class TestCelebA:
    @pytest.mark.parametrize(
        ("split", "expected"), [("train", [0, 20, 40]), ("valid", [60]), ("test", [80, 100])]
    )
    def test_parts(self, faces, split, expected):
        dataset = datasets.celeba(faces, size=16, split=split)
        assert dataset.element_spec == tf.TensorSpec((None, 16, 16, 3), tf.float32)
        assert dataset.cardinality() == 1
        np.testing.assert_allclose(sorted(grays(dataset)), expected, atol=2)

    def test_crops_the_central_148(self, faces):
        x = all_images(datasets.celeba(faces, size=148, shuffle=False))
        # The white frame is gone, but for what JPEG smears over its 8 x 8 blocks.
        np.testing.assert_allclose(x[:, 8:-8, 8:-8].max(axis=(1, 2, 3)) * 255, [0, 20, 40], atol=2)
        assert datasets.celeba(faces).element_spec.shape == (None, 64, 64, 3)

    def test_load_returns_train_and_test(self, faces):
        train, test = datasets.load("celeba", path=faces, size=16, batch_size=2)
        assert train.cardinality() == 2 and test.cardinality() == 1
        np.testing.assert_allclose(grays(test), [80, 100], atol=2)

    def test_order_follows_from_the_seed(self, faces):
        first, again = (datasets.celeba(faces, size=8, seed=5) for _ in range(2))
        epochs = [[grays(dataset) for _ in range(4)] for dataset in (first, again)]
        assert epochs[0] == epochs[1]
        assert len(set(map(tuple, epochs[0]))) > 1

    def test_attributes(self, faces):
        dataset = datasets.celeba(faces, size=8, attributes=["Smiling"])
        x, labels = next(dataset.as_numpy_iterator())
        assert labels.shape == (3, 1) and labels.dtype == np.int64
        levels = np.rint(x.mean(axis=(1, 2, 3)) * 255 / 20).astype(int)
        np.testing.assert_array_equal(labels[:, 0], [SMILING[i] > 0 for i in levels])
        both = datasets.celeba(faces, size=8, attributes=("Smiling", "5_o_Clock_Shadow"))
        assert next(both.as_numpy_iterator())[1][:, 1].tolist() == [0, 0, 0]

    def test_lists_as_csv(self, faces):
        for name, header in (("eval_partition", "image_id,partition"), ("attr_celeba", None)):
            file = faces / f"list_{name}.txt"
            lines = [",".join(line.split()) for line in file.read_text().splitlines()]
            if header is None:
                lines = ["image_id," + lines[1], *lines[2:]]
            else:
                lines = [header, *lines]
            file.with_suffix(".csv").write_text("\n".join(lines))
            file.unlink()
        dataset = datasets.celeba(faces, 8, split="test", shuffle=False, attributes=["Smiling"])
        x, labels = next(dataset.as_numpy_iterator())
        np.testing.assert_allclose(x.mean(axis=(1, 2, 3)) * 255, [80, 100], atol=2)
        assert labels.tolist() == [[1], [0]]

    def test_without_the_official_list(self, faces):
        (faces / "list_eval_partition.txt").unlink()
        assert len(all_images(datasets.celeba(faces, 8))) == 6
        assert len(all_images(datasets.celeba(faces / "img_align_celeba", 8))) == 6
        with pytest.raises(ValueError, match="split 'test' needs list_eval_partition.txt in path"):
            datasets.load("celeba", path=faces)

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            (dict(split="dev"), ValueError, "split must be one of train, valid, test, got 'dev'"),
            (dict(attributes=["Smilng"]), ValueError, "attributes .* did you mean 'Smiling'"),
            (dict(attributes="Smiling"), TypeError, "attributes must be a list of names"),
            (dict(size=0), ValueError, "size must be an integer >= 1; got 0"),
            (dict(path="no/where"), ValueError, "path must be the path of a folder"),
        ],
    )
    def test_bad_input(self, faces, options, error, message):
        with pytest.raises(error, match=message):
            datasets.celeba(**{"path": faces, **options})

    def test_lists_that_lack_something(self, faces):
        (faces / "list_attr_celeba.txt").unlink()
        with pytest.raises(ValueError, match="path must have list_attr_celeba.txt"):
            datasets.celeba(faces, attributes=["Smiling"])
        (faces / "list_eval_partition.txt").write_text("000001.jpg 0\n")
        with pytest.raises(ValueError, match="line for every image of path, lacks '000002.jpg'"):
            datasets.celeba(faces)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"000001.jpg 0\n000002.jpg zero\n", r"line 2: must be a file and whole numbers"),
            (b"000001.jpg 0\n000002.jpg\n", r"line 2: must have 1 numbers, .* got 0 for 000002"),
            (b"000001.jpg 0\n000001.jpg 1\n", r"line 2: must have 1 numbers, once for each image"),
            (b"\xff\xd8\xff\xe0", "must be a text file"),
            (b"".join(b"%06d.jpg 3\n" % i for i in range(1, 7)), r"0 \(train\).* values \[3\]"),
            (b"".join(b"%06d.jpg 0 1\n" % i for i in range(1, 7)), "one number, .* got 2 numbers"),
        ],
        ids=["word", "no number", "twice", "no text", "other part", "two numbers"],
    )
    def test_damaged_partition(self, faces, content, message):
        (faces / "list_eval_partition.txt").write_bytes(content)
        with pytest.raises(ValueError, match=f"list_eval_partition.txt.*{message}"):
            datasets.celeba(faces)

    def test_attributes_without_their_names_or_of_other_values(self, faces):
        file = faces / "list_attr_celeba.txt"
        text = file.read_text()
        file.write_text(text.replace("Smiling", ""))  # else the wrong column would be taken
        with pytest.raises(
            ValueError, match="list_attr_celeba.txt must name each .* got 1 names and 2"
        ):
            datasets.celeba(faces, attributes=["5_o_Clock_Shadow"])
        file.write_text(text.replace("-1  1", "-1  7"))
        with pytest.raises(ValueError, match="list_attr_celeba.txt must have the values 1"):
            datasets.celeba(faces, attributes=["Smiling"])

    @pytest.mark.parametrize("attributes", [[], [3], 5])
    def test_attributes_that_are_no_names(self, faces, attributes):
        with pytest.raises(TypeError, match="attributes must be a list of"):
            datasets.celeba(faces, attributes=attributes)

    def test_broken_images_are_named_before_training(self, faces):
        (faces / "img_align_celeba" / "000002.jpg").write_bytes(b"")
        with pytest.raises(
            ValueError, match="000002.jpg is no image that can be read: it is empty"
        ):
            datasets.load("celeba", path=faces)
        assert datasets.celeba(faces, check=False).cardinality() == 1
        assert len(all_images(datasets.celeba(faces, split="test"))) == 2
