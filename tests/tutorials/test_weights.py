"""The stored runs of the KL's weight, and the slider over their pictures."""

import base64
import io
import re

from PIL import Image

from course import weights


def test_each_weight_has_five_runs_and_a_perfect_model_would_be_near():
    runs = weights.runs()
    assert list(runs) == sorted(runs) and {len(those) for those in runs.values()} == {5}
    assert all(0 < weights.of_the_data() < r["frechet"] for those in runs.values() for r in those)


def test_the_slider_shows_one_picture_for_each_weight_without_a_script():
    page, number = weights.Slider()._repr_html_(), len(weights.runs())
    names = re.findall(r'<input type="radio" name="kl-weight" id="([\w-]+)"', page)
    assert len(set(names)) == number and page.count(" checked>") == 1
    assert re.findall(r'<label for="([\w-]+)"', page) == names
    assert (
        re.findall(r'<img class="([\w-]+)" width="196" height="56" alt="KL weight', page) == names
    )
    assert all(f"#{name}:checked~.{name}{{display:block}}" in page for name in names)
    assert "<script" not in page and not re.search(r"\son\w+=", page) and "\n" not in page
    pictures = [base64.b64decode(p) for p in re.findall(r"base64,([^\"]+)", page)]
    assert {Image.open(io.BytesIO(picture)).size for picture in pictures} == {(7 * 28, 2 * 28)}
    assert len(set(pictures)) == number
