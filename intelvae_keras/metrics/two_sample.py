"""Whether a classifier can tell two samples apart."""

import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras._engine import checks
from intelvae_keras.metrics import checked, extra


def two_sample_auc(x: ArrayLike, y: ArrayLike, seed: int = 0, folds: int = 3) -> float:
    """The area under the held-out ROC curve of a classifier that tells two samples apart.

    AUC = P( s(y) > s(x) ), ties counting one half, for x from the first sample and y from the second, with
    s a point's score of being from the second. For each fold, the classifier is trained on the other folds,
    and the AUC is taken on the fold. The result is the mean over the folds, without unit, in [0, 1].

    It is 0.5 where the two distributions are equal, a little above or below by chance, and 1 where they do
    not overlap. It does not depend on the sizes of the samples. It is no accuracy: to tell N(0, 1) from
    N(1, 1), the best possible AUC is 0.760, and the best accuracy 0.691.

    Take draws of the prior, and codes of fresh data. In z, it says whether generated z look like the codes
    that the decoder has seen:

    ```python
    metrics.two_sample_auc(vae.sample_latents(10_000), vae.encode(x_test, sample=True))
    ```

    In y, it says whether the aggregate posterior is the prior. Where g drops a coordinate, as `Circle` drops
    |y|, these are two questions. Then y may differ where no decoder can see it, so judge samples in z.

    The classifier, boosted trees that stop early, is blind to some differences: what it finds is a
    lower bound on what the best one would, and it finds more with more samples.

    Source: Lopez-Paz and Oquab (2017), "Revisiting classifier two-sample tests", with the AUC in
    place of the accuracy.

    Args:
        x: Samples, shape (N, D).
        y: Samples, shape (N', D); N and N' at least 10 for each fold.
        seed: Integer seed >= 0 of the folds and of the classifier.
        folds: Number of folds, >= 2.

    Returns:
        A float.

    Raises:
        ImportError: If scikit-learn is not installed.
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range or shape, or not finite.
    """
    folds = checks.integer("folds", folds, minimum=2)
    seed = checks.integer("seed", seed, minimum=0)
    x, y = checked.pair("x", x, "y", y, minimum=10 * folds)
    ensemble = extra.load("sklearn.ensemble", "two_sample_auc")
    selection = extra.load("sklearn.model_selection", "two_sample_auc")
    classifier = ensemble.HistGradientBoostingClassifier(
        max_iter=200, max_leaf_nodes=15, early_stopping=True, random_state=seed
    )
    folds = selection.StratifiedKFold(folds, shuffle=True, random_state=seed)
    with extra.one_thread("two_sample_auc"):
        scores = selection.cross_val_score(
            classifier,
            np.concatenate([x, y]),
            np.repeat([0, 1], [len(x), len(y)]),
            scoring="roc_auc",
            cv=folds,
        )
    return float(np.mean(scores))
