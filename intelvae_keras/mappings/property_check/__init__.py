"""The property test for any mapping, one's own above all: what it tried, and what failed."""

import dataclasses
from collections.abc import Callable

import keras
import numpy as np

from intelvae_keras._engine import checks
from intelvae_keras.mappings.property_check import properties
from intelvae_keras.mappings.property_check.tried import Tried


@dataclasses.dataclass(frozen=True)
class Finding:
    """What one test of `mappings.check` found.

    Attributes:
        name: The property.
        ok: Whether g has it; None if that could not be tested, or does not matter here.
        message: What was tried, or what failed, and at which y.
    """

    name: str
    ok: bool | None
    message: str


@dataclasses.dataclass(frozen=True)
class Report:
    """What `mappings.check` tried, and what failed. It is true if nothing failed.

    Attributes:
        mapping: The mapping's name.
        findings: A `Finding` for each property, in the order of the tests.
    """

    mapping: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.failed

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the properties that g does not have."""
        return tuple(finding.name for finding in self.findings if finding.ok is False)

    def __bool__(self) -> bool:
        """Whether nothing failed, for `assert`."""
        return self.ok

    def __getitem__(self, name: str) -> Finding:
        """The finding of a property."""
        return {finding.name: finding for finding in self.findings}[name]

    def __repr__(self) -> str:
        """A line for each property."""
        words = {True: "ok", False: "FAILED", None: "-"}
        verdict = "all right" if self.ok else f"{len(self.failed)} failed"
        lines = [f"mappings.check({self.mapping}): {verdict}"]
        for found in self.findings:
            lines.append(f"  {words[found.ok]:<7} {found.name:<16} {found.message}")
        return "\n".join(lines)


def check(
    g: keras.layers.Layer | Callable,
    latent_dim: int,
    holds: Callable | None = None,
    straight_through: bool = False,
) -> Report:
    """Report on a mapping: whether it has the properties that training, saving and sampling need.

    | property | what is tried |
    |---|---|
    | `shape` | z is one tensor of shape (batch, D), of floats |
    | `finite` | values at draws of N(0, I) and at hard points: 0, denormals, 1e4, boundaries |
    | `finite gradient` | the gradient there |
    | `huge` | neither NaN nor a wrong value at 1e10 and 1e20, whose squares overflow |
    | `gradient` | the gradient against difference quotients of g |
    | `same each time` | the same z for the same y: no randomness, no memory |
    | `row by row` | z of an example does not depend on the rest of its batch, also in training |
    | `graph` | the same values in a compiled function, as in `fit` |
    | `saves` | found by name, and the same after saving and loading |
    | `holds` | your own property |

    A kink is no mistake. The quotients are taken from both sides, with steps that are halved. Only points
    where they converge to one number count. A function of tensors, rather than a layer, need not save.

    ```python
    report = mappings.check(mappings.Circle(), 2, holds=lambda z: abs((z**2).sum(axis=1) - 1) < 1e-5)
    print(report)
    assert report
    ```

    Args:
        g: A mapping, a Keras layer, a `keras.Sequential` of them, or a function of tensors, as for
            `InteLVAE`. Its weights stay as they are.
        latent_dim: M, the number of latents y, >= 1.
        holds: A function of z, a numpy array of shape (N, D), that returns a bool, or N of them. It gets
            the z of draws from N(0, I) and of the hard points.
        straight_through: Whether the gradient is not that of g, by intent. Then it is only looked at for
            being there.

    Returns:
        A `Report`: print it, or `assert` it.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If `latent_dim` < 1.
    """
    if not callable(g) or isinstance(g, type):
        raise TypeError(f"g must be a mapping, a Keras layer or a function; got {g!r}.")
    if holds is not None and not callable(holds):
        raise TypeError(f"holds must be a function of z; got {holds!r}.")
    tried = Tried(g, checks.integer("latent_dim", latent_dim, minimum=1), straight_through)
    name = getattr(g, "name", None) or getattr(g, "__name__", type(g).__name__)
    findings = []
    for words, test in properties.TESTS.items():
        findings.append(_finding(words, test, tried))
        if words == "shape" and not findings[0].ok:
            return Report(name, tuple(findings))  # nothing else makes sense
    if holds is not None:
        findings.append(_finding("holds", lambda tried: properties.holds(tried, holds), tried))
    return Report(name, tuple(findings))


def _finding(name, test, tried):
    try:
        with np.errstate(all="ignore"):
            return Finding(name, *test(tried))
    except Exception as error:  # whatever a user's code may raise
        text = " ".join(str(error).split())
        return Finding(name, False, f"it raises {type(error).__name__}: {text[:300]}")
