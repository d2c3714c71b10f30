"""The diagram of the model: it names every part, legibly."""

from intelvae_keras import plots


def test_the_diagram_names_every_part():
    ax = plots.model_diagram().axes[0]
    words = " ".join(text.get_text() for text in ax.texts)
    for part in ("encoder", "q(y\\,|\\,x)", "N(0, I)", "z = g(y)", "decoder", "p(x\\,|\\,z)", "KL"):
        assert part in words
    assert len(ax.images) == 2  # the data and the reconstruction


def test_no_text_of_the_diagram_overlaps_another():
    figure = plots.model_diagram()
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    for index, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:index])
