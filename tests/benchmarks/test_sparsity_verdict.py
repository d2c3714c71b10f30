"""The verdict on claim 5 chooses on validation data, and says what the claimed sparsity costs."""

import pytest

from benchmarks.claims.sparsity import verdict


def _runs(**models):
    """Three seeds of each model: (Hoyer, Frechet) on validation data and on the test, and the ELBO."""
    names = ("hoyer_validation", "frechet_validation", "hoyer_test", "frechet_test", "elbo")
    keys = {"ordinary": ("ordinary", 0, 1)}
    return {
        keys.get(name) or ("sparse", int(name.removeprefix("gamma")), 1): {
            seed: dict(zip(names, figures, strict=True)) for seed in range(3)
        }
        for name, figures in models.items()
    }


ORDINARY = (0.2, 25.0, 0.2, 25.0, -240.0)


def test_it_holds_if_the_choice_on_validation_data_holds_on_the_test():
    runs = _runs(ordinary=ORDINARY, gamma1=(0.64, 24.0, 0.66, 24.5, -241.0))
    assert verdict.statement(runs).startswith("holds.** On the validation images, gamma = 1 gave")


def test_a_gamma_that_is_better_on_the_test_alone_is_not_chosen():
    runs = _runs(ordinary=ORDINARY, gamma1=(0.64, 26.0, 0.66, 20.0, -241.0))
    assert verdict.statement(runs).startswith("does not hold.** No gamma > 0")


@pytest.mark.parametrize(
    "cheap, dear, chosen",
    [(26.0, 27.0, "Gamma 4"), (27.0, 26.0, "Gamma 10")],
    ids=["first", "second"],
)
def test_the_price_is_that_of_the_cheapest_on_validation_data(cheap, dear, chosen):
    runs = _runs(
        ordinary=ORDINARY,
        gamma1=(0.5, 25.5, 0.9, 25.0, -240.0),  # three times as sparse on the test alone
        gamma4=(0.62, cheap, 0.64, 25.5, -242.0),
        gamma10=(0.7, dear, 0.72, 30.0, -243.0),
    )
    said = verdict.statement(runs)
    assert f"{chosen} is the cheapest" in said and "gamma 1 " not in said.lower()
    if chosen == "Gamma 4":
        assert "it is 3.20 ± 0.00 times as sparse" in said
        assert "changes by 0.5 ± 0.0 (above 0: worse), the ELBO by −2.0 ± 0.0 nats" in said


def test_without_such_a_gamma_it_says_so():
    runs = _runs(ordinary=ORDINARY, gamma1=(0.5, 26.0, 0.5, 26.0, -241.0))
    assert "No gamma was 3 times as sparse there." in verdict.statement(runs)
