"""The pictures of the explanation pages."""

import numpy as np
from keras import ops
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm

from intelvae_keras import datasets, mappings, presets
from intelvae_keras.plots import style

BLUE, ORANGE, RED, GREY, PURPLE = style.PALETTE[:5]


def kl():
    """KL(N(mu, sigma^2), N(0, 1)) over mu and sigma, in nats."""
    mu, sigma = np.meshgrid(np.linspace(-3, 3, 241), np.geomspace(0.05, 3, 241))
    nats = (mu**2 + sigma**2 - 1 - 2 * np.log(sigma)) / 2
    figure = style.Picture((6.0, 3.6))
    ax = figure.add_subplot()
    levels = [0.1, 0.5, 1, 2, 3, 4]
    filled = ax.contourf(mu, sigma, nats, [0, *levels, 8], cmap="Purples", extend="max")
    lines = ax.contour(mu, sigma, nats, levels, colors=style.INK, linewidths=0.7)
    ax.clabel(lines, fmt="%g", fontsize=8, inline_spacing=2)
    ax.set_yscale("log")
    ax.set_yticks([0.05, 0.1, 0.3, 1, 3], ["0.05", "0.1", "0.3", "1", "3"])
    ax.minorticks_off()
    ax.plot(0, 1, "o", color=ORANGE, markersize=7, markeredgecolor=style.INK)
    ax.annotate("the prior: 0 nats", (0, 1), (0.25, 1.45), fontsize=style.SMALL, color=style.INK)
    ax.plot(0, 0.1, "s", color=ORANGE, markersize=6, markeredgecolor=style.INK)
    ax.annotate(
        "1.8 nats", (0, 0.1), (0.2, 0.1), fontsize=style.SMALL, color=style.INK, va="center"
    )
    bar = figure.colorbar(filled, ax=ax)
    bar.ax.tick_params(labelsize=style.SMALL, colors=style.INK)
    style.tidy(
        ax, "What one latent's code costs, in nats", "mean $\\mu$", "standard deviation $\\sigma$"
    )
    return figure


def linear_bounds(sizes, num_examples=400, narrow=0.5, repeats=40):
    """Mean bounds with S draws, and the exact log p(x), of x = W y + 0.5 noise; q is too narrow."""
    rng = np.random.default_rng(0)
    weights, noise = rng.standard_normal((5, 2)), 0.5
    x = rng.standard_normal((num_examples, 2)) @ weights.T
    x = x + noise * rng.standard_normal((num_examples, 5))
    exact = multivariate_normal(cov=weights @ weights.T + noise**2 * np.eye(5)).logpdf(x).mean()
    covariance = np.linalg.inv(np.eye(2) + weights.T @ weights / noise**2)
    mean = x @ weights @ covariance / noise**2  # of the true posterior
    q = multivariate_normal(cov=narrow**2 * covariance)
    bounds = []
    for size in sizes:
        values = []
        for _ in range(max(1, repeats // size)):
            offset = q.rvs((num_examples, size), random_state=rng).reshape(num_examples, size, 2)
            y = mean[:, None] + offset
            log_weight = norm.logpdf(x[:, None], y @ weights.T, noise).sum(-1)
            log_weight += norm.logpdf(y).sum(-1) - q.logpdf(offset).reshape(num_examples, size)
            values.append((logsumexp(log_weight, axis=1) - np.log(size)).mean())
        bounds.append(np.mean(values))
    return np.array(bounds), exact


def staircase():
    """The ELBO and importance-weighted bounds of a linear model below its exact log p(x)."""
    sizes = [1, 2, 5, 10, 100, 1000]
    bounds, exact = linear_bounds(sizes)
    figure = style.Picture((6.0, 3.2))
    ax = figure.add_subplot()
    places = np.arange(len(sizes))
    bars = ax.bar(places, bounds - bounds.min() + 0.05, bottom=bounds.min() - 0.05, color=BLUE)
    bars[0].set_color(ORANGE)
    for place, bound in zip(places, bounds, strict=True):
        ax.text(place, bound + 0.012, f"{bound:.2f}", ha="center", fontsize=8, color=style.INK)
    ax.axhline(exact, color=RED, linewidth=style.LINE)
    ax.text(0.0, exact + 0.015, f"log p(x) = {exact:.2f}, exact", color=RED, fontsize=style.SMALL)
    ax.set_ylim(bounds.min() - 0.05, exact + 0.1)
    ax.set_xticks(places, ["ELBO", *(f"S = {size:,}" for size in sizes[1:])])
    style.tidy(ax, "More draws close the gap", None, "nats per example")
    return figure


def who_pays():
    """One posterior, g = y and g = 5 y: the same KL, another cloud of z."""
    mu, factor = np.array([0.8, -0.3]), np.array([[0.5, 0.0], [0.2, 0.35]])
    y = mu + np.random.default_rng(0).standard_normal((600, 2)) @ factor.T
    covariance = factor @ factor.T
    nats = (mu @ mu + np.trace(covariance) - 2 - np.log(np.linalg.det(covariance))) / 2
    figure = style.Picture((style.WIDTH, 3.0))
    panels = figure.subplots(1, 3)
    grid = np.random.default_rng(1).standard_normal((900, 2))
    for ax, scale, title in zip(
        panels, (None, 1, 5), ("on $y$", "$z = y$", "$z = 5\\,y$"), strict=True
    ):
        times = scale or 1
        ax.scatter(*(times * grid.T), s=4, color=GREY, linewidths=0, label="prior")
        ax.scatter(*(times * y.T), s=4, color=PURPLE, linewidths=0, label="posterior")
        limit = 3.5 if scale is None else 17
        ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
        style.tidy(ax, title)
        ax.locator_params(nbins=5)
        words = f"KL = {nats:.2f} nats" if scale is None else f"still {nats:.2f} nats"
        ax.text(0.5, -0.22, words, transform=ax.transAxes, ha="center", fontsize=style.MEDIUM)
    style.legend(panels[0], markerscale=3, loc="upper left", handletextpad=0.1)
    return figure


def strengths():
    """Curves of g for one latent and several strengths, from the identity on."""
    y = np.linspace(-3, 3, 2001)[:, None].astype("float32")
    figure = style.Picture((style.WIDTH, 3.0))
    panels = figure.subplots(1, 4, sharey=True)
    for ax, strength in zip(panels, (0, 0.5, 1, 3), strict=True):
        z = y
        if strength:
            z = ops.convert_to_numpy(mappings.Clusters(2, strength=strength, width=0.005)(y))
        ax.axhspan(-strength, strength, color=ORANGE, alpha=0.25, linewidth=0)
        ax.plot(y, z, color=PURPLE, linewidth=style.LINE)
        style.tidy(ax, f"strength {strength:g}", "$y$", "$z = g(y)$" if strength == 0 else None)
    return figure


def proportions():
    """N(0, 1) cut at the quantiles of 0.5 and 0.2."""
    y = np.linspace(-3.2, 3.2, 801)
    figure = style.Picture((style.WIDTH, 2.6))
    for ax, part in zip(figure.subplots(1, 2, sharey=True), (0.5, 0.2), strict=True):
        cut = norm.ppf(part)
        left = y <= cut
        ax.fill_between(y[left], norm.pdf(y[left]), color=ORANGE, linewidth=0)
        ax.fill_between(y[~left], norm.pdf(y[~left]), color=BLUE, linewidth=0)
        ax.axvline(cut, color=style.INK, linewidth=1)
        ax.text(cut - 0.12, 0.06, f"{part:.0%}", ha="right", fontsize=style.MEDIUM, color=style.INK)
        ax.text(cut + 0.12, 0.06, f"{1 - part:.0%}", fontsize=style.MEDIUM, color=style.INK)
        style.tidy(ax, f"cut at {cut + 0.0:.2f}".replace("-0.00", "0"), "$y$")
        ax.set_ylim(bottom=0)
    return figure


def codes_on_the_circle():
    """Codes of data on a circle under three of the shipped presets."""
    _, (x, _) = datasets.load("circle")
    models = (
        ("ordinary VAE", "circle-vae"),
        ("learned mixture of 30", "circle-mixture"),
        ("mapping $y / |y|$", "circle"),
    )
    figure = style.Picture((style.WIDTH, 3.0))
    for ax, (title, name) in zip(figure.subplots(1, 3), models, strict=True):
        vae = presets.load(name)
        z, drawn = vae.encode(x[:1500], sample=True, seed=0), vae.sample_latents(1500, seed=1)
        ax.scatter(*drawn.T, s=4, color=GREY, linewidths=0, label="drawn from the prior")
        ax.scatter(*z.T, s=4, color=PURPLE, linewidths=0, label="codes of data")
        radius = np.hypot(*z.T)
        on = np.mean(np.abs(radius / np.median(radius) - 1) < 0.001)  # at the best scale
        ax.set(xlim=(-3.6, 3.6), ylim=(-3.6, 3.6), aspect="equal")
        style.tidy(ax, f"{title}\n{on:.1%} of codes on a circle", "$z_1$", "$z_2$")
        ax.locator_params(nbins=5)
    handles, labels = ax.get_legend_handles_labels()
    style.legend(
        figure, handles=handles, labels=labels, loc="outside lower center", ncols=2, markerscale=3
    )
    return figure


PICTURES = {
    "explanation/kl": kl,
    "explanation/staircase": staircase,
    "explanation/who-pays": who_pays,
    "explanation/strengths": strengths,
    "explanation/proportions": proportions,
    "explanation/codes-on-the-circle": codes_on_the_circle,
}
