"""Learning curves, compared with what `fit` returned."""

import numpy as np
from helpers.figures import X, make_model

from intelvae_keras import plots


def test_learning_curves_show_training_and_validation():
    logs = {"elbo": [-3.0, -2.0], "kl": [1.0, 2.0], "val_elbo": [-4.0, -3.5]}
    elbo, kl = plots.learning_curves(logs, keys=("elbo", "kl")).axes
    np.testing.assert_array_equal(elbo.lines[0].get_xydata(), [[1, -3], [2, -2]])
    np.testing.assert_array_equal(elbo.lines[1].get_ydata(), [-4, -3.5])
    assert elbo.lines[0].get_linestyle() == "-" and elbo.lines[1].get_linestyle() == "--"
    assert len(kl.lines) == 1 and kl.get_title() == "KL divergence"
    assert elbo.get_ylabel() == "nats per example" and elbo.get_xlabel() == "epoch"


def test_learning_curves_compare_what_fit_returns():
    model = make_model()
    model.compile(run_eagerly=True)
    run = model.fit(X, epochs=3, initial_epoch=1, verbose=0)
    figure = plots.learning_curves({"a": run, "b": run.history}, keys=("loss",))
    first, second = figure.axes[0].lines
    np.testing.assert_array_equal(first.get_xdata(), [2, 3])  # as fit counted
    np.testing.assert_array_equal(first.get_ydata(), run.history["loss"])
    assert first.get_color() != second.get_color()
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["a, training", "b, training"]


def test_learning_curves_have_a_title_for_every_term_that_fit_reports():
    terms = [metric.name for metric in make_model().metrics]
    history = {term: [3.0, 2.0] for term in terms}
    titles = [ax.get_title() for ax in plots.learning_curves(history, keys=terms).axes]
    assert len(titles) == len(terms) == 5
    assert not set(titles) & set(terms)  # a name in words, not the key of the log
