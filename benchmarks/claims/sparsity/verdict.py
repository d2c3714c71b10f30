"""The verdict on claim 5, computed from the numbers: which means give sparse codes, and at what price."""

from benchmarks.claims.report import cell, mean_ci
from benchmarks.claims.sparsity.runs import NAMES, STRENGTHS, changes, sign, strength

DEAREST = 2.0  # nats of validation ELBO: a strength that costs more is chosen only if all do
SPARSER, NOT_SEEN, ONE_SEED = "sparser", "no difference seen", "one seed: no verdict"
MEANS = ("sparse", "threshold", "penalty", "laplace")


def chosen(runs, model):
    """The strength of a model with the lowest k on validation data, of those within `DEAREST`.

    If none is, the cheapest. gamma = 0 of the gates is no means to sparsity. None if the model has no runs.
    """
    has_none = model not in STRENGTHS
    keys = [key for key in runs if key[0] == model and key[2] == 1 and (has_none or key[1])]
    keys = [key for key in keys if changes(runs, key, "k_validation")]
    if not keys:
        return None
    price = {key: -mean_ci(changes(runs, key, "elbo_validation"))[0] for key in keys}
    fits = [key for key in keys if price[key] <= DEAREST]
    if not fits:
        return min(keys, key=price.get)
    return min(fits, key=lambda key: mean_ci(changes(runs, key, "k_validation"))[0])


def found(k_changes, common_changes):
    """What the intervals of the changes of k and of K say, in words.

    Fewer latents an example (k) make codes sparser, unless all examples together need fewer too (K): that
    is a smaller code.
    """
    if len(k_changes) < 2:
        return ONE_SEED
    k, common = sign(k_changes), sign(common_changes)
    if k < 0:
        return SPARSER if common >= 0 else "smaller, not sparser"
    return "less sparse" if k > 0 else NOT_SEEN


def _price(differences, better):
    """A change of ELBO or of the distance, and its direction by the interval."""
    if len(differences) < 2:
        return ONE_SEED
    words = {0: NOT_SEEN, better: "better", -better: "worse"}
    return words[sign(differences)]


def statement(runs):
    """The verdict's word, and the sentences with its figures; `summary` takes the second one."""
    keys = [key for model in MEANS if (key := chosen(runs, model))]
    if not keys or max(len(changes(runs, key, "k_test")) for key in keys) < 2:
        return "none from a single seed.**"
    said = {key: found(changes(runs, key, "k_test"), changes(runs, key, "K_test")) for key in keys}
    gates = next((key for key in keys if key[0] == "sparse"), None)
    others = [NAMES[key[0]] for key in keys if said[key] == SPARSER and key != gates]
    worse = gates and _price(changes(runs, gates, "frechet_test"), -1) == "worse"
    if said.get(gates) != SPARSER:
        word = "does not hold"
    else:
        word = "holds in part" if worse or others else "holds"
    return (
        f"{word}.** Each means has the strength with the lowest k on validation data, among those that cost "
        f"at most {DEAREST:g} nats of ELBO there. On the test images, against the ordinary VAE: "
        f"{'; '.join(_told(runs, key, said[key]) for key in keys)}. {_summary(said)}"
    )


def _told(runs, key, word):
    name = ", ".join(filter(None, (NAMES[key[0]], strength(key))))
    k, common, elbo, frechet = (
        changes(runs, key, measure) for measure in ("k_test", "K_test", "elbo", "frechet_test")
    )
    return (
        f"{name}: {word} (k {_signed(k, 1)}, K {_signed(common, 1)}), ELBO {_signed(elbo, 1)} nats "
        f"({_price(elbo, 1)}), Frechet distance {_signed(frechet, 1)} ({_price(frechet, -1)})"
    )


def _signed(differences, digits):
    text = cell(differences, digits)
    return text if text.startswith(("−", "–")) else f"+{text}"


def _summary(said):
    """Which means are sparser than the ordinary VAE, in a sentence."""
    sparser = [NAMES[key[0]] for key, word in said.items() if word == SPARSER]
    if not sparser:
        return "By no means are codes sparser beyond the 95% interval."
    return f"Sparser beyond the 95% interval: {'; '.join(sparser)}."
