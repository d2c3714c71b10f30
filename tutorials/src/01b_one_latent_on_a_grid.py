# %% [markdown]
# # Where the truth has two modes, the best Gaussian takes one, and pays log 2
#
# **The question.** log p(x) cannot be computed, says notebook 01, so we raise a bound of it. What lies between
# the bound and the truth? With one latent, you can look.
#
# **You will be able to**
#
# | you can | shown by |
# |---|---|
# | compute log p(x) of a small model, by a sum over a grid | exercise 1 |
# | compute the ELBO of any q, and see its gap | exercise 2 |
# | derive the ELBO in five lines | "The ELBO, in five lines" |
# | say what it costs when q leaves out a mode | exercise 3 |
# | notice a grid that is too coarse | "What goes wrong" |
#
# **You need** [notebook 01](01_a_vae_from_scratch.ipynb). **Time:** half an hour to read and do, of which
# the computer works about half a minute on two CPU cores.

# %%
from course import start, ch01b as check

start.here()

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers, ops
from scipy import optimize

from intelvae_keras import InteLVAE, likelihoods, networks

keras.utils.set_random_seed(0)

# %% [markdown]
# ## A VAE that fits on a page
#
# Here is the smallest VAE there is. Its latent y is one number. So is its data x. The decoder squares y, and the
# likelihood adds Gaussian noise of standard deviation 0.4:
#
# $$y \sim N(0, 1), \qquad x = y^2 + 0.4\,e, \qquad e \sim N(0, 1).$$
#
# Both densities are known: the prior p(y), and the likelihood p(x|y) = N(y², 0.4²). Their product p(x|y) p(y) is
# the **joint density**: how probable this y and this x are, together. One number y needs no cleverness. Lay a
# grid of 2,001 points over the values that it may have, and compute the product at each of them.

# %%
NOISE = 0.4
grid = np.linspace(-5, 5, 2_001)
step = grid[1] - grid[0]


def normal(x, mean, width):
    """log N(x; mean, width^2), the logarithm of a Gaussian density."""
    return -0.5 * ((x - mean) / width) ** 2 - np.log(width) - 0.5 * np.log(2 * np.pi)


def log_joint(x, y=grid):
    """log p(x|y) + log p(y), for one x and many y."""
    return normal(x, y**2, NOISE) + normal(y, 0, 1)


rng = np.random.default_rng(0)


def draw_data(number):
    y = rng.normal(size=(number, 1))
    return (y**2 + NOISE * rng.normal(size=(number, 1))).astype("float32")


x_train, x_test = draw_data(start.pick(10_000, 5_000)), draw_data(300)

# %% [markdown]
# ## Exercise 1: log p(x), by a sum
#
# How probable is x, whatever the y that made it? Add up the joint density over all y:
#
# $$p(x) = \int p(x|y)\, p(y)\, dy \;\approx\; \sum_{\text{grid}} p(x|y)\, p(y)\, \Delta,$$
#
# with Δ the distance between two points of the grid. You get `log_joint`, one logarithm for each point, and the
# `step` Δ. Return log p(x), one number. Take care: the logarithms may be -2000 everywhere, for an x that is far
# from the data.


# %%
def my_log_p(log_joint, step):
    """log p(x) in nats, from log p(x|y) + log p(y) on a grid of y: one number."""
    ...


my_log_p = check.log_p(my_log_p)

# %% [markdown]
# Now look at the whole model at once. The middle is the joint density. Read along the red line, at x = 1.5: which
# y may have made this x? Its height along that line, divided by p(x), is the **true posterior** p(y|x), drawn
# below. Summed over all y instead, the joint gives p(x), on the right.

# %%
X = 1.5
log_p = float(my_log_p(log_joint(X), step))
posterior = np.exp(log_joint(X) - log_p)  # p(y|x) = p(x|y) p(y) / p(x)
heights = np.linspace(-1, 4, 251)
p_x = np.exp([float(my_log_p(log_joint(x), step)) for x in heights])

print(f"log p(x) = {log_p:.3f} nats at x = {X}")
print(f"the posterior sums to {np.sum(posterior) * step:.4f}")
below = (x_train < 1).mean(), np.sum(p_x[heights < 1]) * (heights[1] - heights[0])
print(f"x below 1: {below[0]:.3f} of the data drawn, {below[1]:.3f} by the sum")
assert abs(np.sum(posterior) * step - 1) < 1e-3 and abs(below[0] - below[1]) < 0.02

# %%
grey = {"color": "black", "alpha": 0.15, "linewidth": 0}
figure, axes = plt.subplot_mosaic(
    [["joint", "p(x)"], ["slice", "."]],
    figsize=(7.4, 5.4),
    width_ratios=(3, 1),
    height_ratios=(2, 1),
)
joint = np.exp([log_joint(x) for x in heights])
axes["joint"].pcolormesh(grid[::5], heights, joint[:, ::5], cmap="Blues", shading="nearest")
axes["joint"].set(xlim=(-3, 3), ylabel="x", title="joint density p(x|y) p(y)")
axes["p(x)"].hist(x_train[:, 0], heights[::5], density=True, orientation="horizontal", **grey)
axes["p(x)"].plot(p_x, heights)
axes["p(x)"].set(ylim=(-1, 4), title="p(x), and the\ndata drawn")
axes["slice"].plot(grid, posterior, color="#bd1f01")
axes["slice"].set(xlim=(-3, 3), xlabel="y", title=f"true posterior p(y | x = {X})")
for name in ("joint", "p(x)"):
    axes[name].axhline(X, color="#bd1f01")
plt.show()

# %% [markdown]
# From x = 1.5 you learn |y|, and never the sign. So the true posterior has two **modes**, or peaks, near -1.2 and 1.2,
# with next to nothing between them. An encoder answers with *one* Gaussian q.
#
# ## Predict
#
# You may choose mean and width of q. You want the highest ELBO. Where do you put it?
#
# - **A.** Between the two modes, where the mean of the true posterior is.
# - **B.** Over both modes, wide. What q leaves out is lost.
# - **C.** On one of them, although the other one, half of the truth, is left out.
# - **D.** It makes no difference. Each misses half, in its own way.
#
# Write down a letter and one reason, before you read on.

# %% [markdown]
# ## 1. The ELBO, in five lines
#
# Let q be any density over y that is above 0 wherever the joint density is.
#
# $$
# \begin{aligned}
# \log p(x) &= \log \int p(x|y)\,p(y)\,dy && \text{1. the sum over the grid} \\
# &= \log\; E_{q}\left[\frac{p(x|y)\,p(y)}{q(y)}\right] && \text{2. times q, divided by q} \\
# &\ge E_{q}\left[\log \frac{p(x|y)\,p(y)}{q(y)}\right] = \text{ELBO} && \text{3. log of a mean} \ge \text{mean of logs} \\
# &= E_{q}[\log p(x|y)] - \text{KL}(q \,\|\, p(y)) && \text{4. the two terms of notebook 01} \\
# &= \log p(x) - \text{KL}(q \,\|\, p(y|x)) && \text{5. since } p(x|y)\,p(y) = p(y|x)\,p(x)
# \end{aligned}
# $$
#
# E with the index q is the mean over draws of y from q. Line 3 is Jensen's inequality: the logarithm bends
# downwards, so a mean of logarithms lies below the logarithm of the mean. Lines 4 and 5 say the same number in two
# ways. Line 4 is what you compute. Line 5 is what it means. **The gap between log p(x) and the ELBO is the KL
# divergence from q to the true posterior.** It is 0 only if q *is* the true posterior.
#
# Go through the five lines once more, and look for the decoder. It is in p(x|y), and nobody has asked how it was
# made. It may be a square, a network, or a network with something in front of it. Keep that for
# [notebook 05](05_intel_vae.ipynb).

# %% [markdown]
# ## Exercise 2: the ELBO of any q
#
# On the grid, the mean over q is a sum, too. Line 3 becomes
#
# $$\text{ELBO} \approx \sum_{\text{grid}} q(y)\,\big[\log p(x|y) + \log p(y) - \log q(y)\big]\,\Delta.$$
#
# You get `log_q` and `log_joint` at the points of the grid, and `step`. Return one number, in nats.


# %%
def my_elbo(log_q, log_joint, step):
    """The ELBO of q in nats, from log q(y) and log p(x|y) + log p(y) on a grid: one number."""
    ...


my_elbo = check.elbo(my_elbo)


# %% [markdown]
# With it, put numbers on the five lines, for a q of your choice. Here is N(1, 0.5²).

# %%
log_q = normal(grid, 1, 0.5)
q = np.exp(log_q)
ratio = np.exp(log_joint(X) - log_q)
kl_to_prior = np.sum(q * (log_q - normal(grid, 0, 1))) * step
kl_to_posterior = np.sum(q * (log_q - log_joint(X) + log_p)) * step
line_3 = float(my_elbo(log_q, log_joint(X), step))
line_4 = np.sum(q * normal(X, grid**2, NOISE)) * step - kl_to_prior
print(f"1. log of the sum          {log_p:.4f} nats")
print(f"2. log of the mean ratio   {np.log(np.sum(q * ratio) * step):.4f}")
print(f"3. mean of the log ratio   {line_3:.4f}   the ELBO")
print(f"4. likelihood minus KL     {line_4:.4f}")
print(f"5. log p(x) minus the gap  {log_p - kl_to_posterior:.4f}   a gap of {kl_to_posterior:.4f}")
assert np.allclose([line_3, line_4], log_p - kl_to_posterior, atol=1e-3) and line_3 < log_p

# %% [markdown]
# ## The headline figure
#
# Three q, over the same truth. The one "over both" has mean 0 and its best width. The one "on one" has its best
# mean and width. The one "between" has the mean of "over both" and the width of "on one".


# %%
def gap(mean, width, x=X):
    """log p(x) - ELBO in nats, for q = N(mean, width^2)."""
    joint = log_joint(x)
    return float(my_log_p(joint, step)) - float(my_elbo(normal(grid, mean, width), joint, step))


width_over = np.exp(optimize.minimize_scalar(lambda w: gap(0, np.exp(w)), bounds=(-3, 1)).x)
best = optimize.minimize(lambda at: gap(at[0], np.exp(at[1])), (1, -1), method="Nelder-Mead").x
three = {
    "between the modes": (0, np.exp(best[1])),
    "over both": (0, width_over),
    "on one": (best[0], np.exp(best[1])),
}

# %%
figure, axes = plt.subplots(1, 3, figsize=(9.6, 2.9), sharey=True)
for ax, (name, (mean, width)) in zip(axes, three.items()):
    ax.fill_between(grid, posterior, **grey)
    ax.plot(grid, np.exp(normal(grid, mean, width)), color="#3f90da")
    ax.set(xlim=(-2.5, 2.5), xlabel="y", title=f"q {name}")
    ax.text(0.03, 0.97, f"gap\n{gap(mean, width):.2f} nats", transform=ax.transAxes, va="top")
axes[0].set_ylabel("density")
axes[2].annotate("true posterior", (-1.2, 1.1), (-2.4, 1.45), arrowprops={"arrowstyle": "-"})
plt.show()

gaps = {name: gap(*at) for name, at in three.items()}
for name, (mean, width) in three.items():
    print(f"{name:18s} N({mean:5.2f}, {width:.2f}²)  gap {gaps[name]:.3f} nats")
assert np.log(2) < gaps["on one"] < 0.75 < 2.5 < gaps["over both"] < gaps["between the modes"]

# %% [markdown]
# **C is right.** On one mode, the gap is 0.71 nats: log 2 = 0.69 for the half that is left out, and 0.02 because
# a mode is not quite a Gaussian. Over both it is 3 nats, and between them 6.
#
# Look at line 5 for the reason. KL(q || p(y|x)) is a mean over draws *from q*. It asks at each of them: how
# improbable does the truth find this y? A draw between the modes is nearly impossible, and costs many nats. A
# place where q never draws costs nothing directly. But q must sum to 1. What it leaves out here, it has too much
# there: on its mode q is twice as high as the truth, and this factor costs log 2.
#
# ## Play
#
# Call `gap(mean, width)` with numbers of your own. Can you get below 0.71? Then give it another x, as in
# `gap(0, 0.6, x=0.5)`. Is the best q still on one mode?

# %%
print(f"gap of your q: {gap(1.2, 0.2):.3f} nats")

# %% [markdown]
# Here are all q at once. Each point of the plane is one mean and one width, and its colour is the gap. The lines
# are what training does: from five starts (rings), small steps along the gradient of the ELBO. As the ELBO rises, the
# gap falls, so the lines run down into the dark valleys.


# %%
def gap_at(place):
    return gap(place[0], np.exp(place[1]))


def climb(mean, width, steps=250, rate=0.01):
    """The path of (mean, log width) along the gradient of the ELBO."""
    path = [np.array([mean, np.log(width)])]
    for _ in range(steps):
        uphill = -optimize.approx_fprime(path[-1], gap_at, 1e-6)
        path.append(path[-1] + rate * uphill)
    return np.array(path)


paths = [climb(mean, 1.2) for mean in (-0.5, -0.4, 0.0, 0.4, 0.5)]

# %%
means, log_widths = np.linspace(-2, 2, 61), np.linspace(np.log(0.08), np.log(1.6), 41)
landscape = [[gap(mean, np.exp(w)) for mean in means] for w in log_widths]

figure, ax = plt.subplots(figsize=(6.4, 3.6))
shades = ax.contourf(means, log_widths, np.minimum(landscape, 8), 16, cmap="Blues_r")
figure.colorbar(shades, label="gap, nats (8 and more are alike)")
for path in paths:
    ax.plot(*path.T, color="#bd1f01")
    ax.plot(*path[0], "o", color="#bd1f01", markerfacecolor="white")
    ax.plot(*path[-1], "o", color="#bd1f01")
ax.set_yticks(np.log([0.1, 0.2, 0.4, 0.8, 1.6]), [0.1, 0.2, 0.4, 0.8, 1.6])
ax.set(xlabel="mean of q", ylabel="width of q", title="Three valleys")
plt.show()

ends = [gap_at(path[-1]) for path in paths]
print("gaps at the ends:", np.round(ends, 2), "nats")
expected = [gaps[place] for place in ("on one", *3 * ["over both"], "on one")]
assert np.allclose(ends, expected, atol=0.01)

# %% [markdown]
# Two starts on the right differ by 0.1 in their mean. One ends on the mode, at 0.72 nats: 250
# steps come that near to the best q. The other ends over both, at 3, and stays there: it is a valley of its own, and on
# its floor the gradient is 0. More steps do not help, and another
# start does. And which of the two modes is the right one? The ELBO does not say: both have the same gap.

# %% [markdown]
# ## Exercise 3: the price of a mode
#
# A true posterior has several modes that do not overlap, with weights that sum to 1. Let q be as good as it can
# be on some of them: there it has the shape of the true posterior, and elsewhere it is 0. What is its gap?
#
# You get `weights`, shape (K,), and `kept`, shape (K,): True for a mode that q covers. Return the gap in nats. For
# weights 0.5 and 0.5 and one mode kept it is log 2. In line 5, q is the true posterior divided by something.
# By what?


# %%
def my_price(weights, kept):
    """The gap of the best q that covers only the modes kept: one number, in nats."""
    ...


my_price = check.price(my_price)

# %% [markdown]
# A mode of weight 0.01 left out costs next to nothing, so nobody notices it. In a hundred equal modes, one that
# is kept alone costs log 100 = 4.6 nats.

# %% [markdown]
# ## 2. The same with the package
#
# So far you have chosen q for *one* x. An encoder must answer for each x. Train one, with this decoder: `InteLVAE`
# takes a layer that squares.
#
# Beside it, train a second VAE. Its decoder is a network that may learn. Then measure both on the grid: log p(x)
# exactly, and the gap.


# %%
def train(name, decoder):
    keras.utils.set_random_seed(0)
    vae = InteLVAE(
        1,
        encoder=networks.mlp_encoder([32, 32]),
        decoder=decoder,
        likelihood=likelihoods.Gaussian(scale=NOISE),
    )
    vae.compile(optimizer=keras.optimizers.Adam(5e-3))
    epochs = start.pick(12, 8)
    vae.fit(x_train, epochs=epochs, batch_size=200, verbose=0, callbacks=[start.Bar(name)])
    return vae


vaes = {
    "decoder y²": train("decoder y²", layers.Lambda(ops.square)),
    "learned decoder": train("learned decoder", networks.mlp_decoder((1,), [32, 32])),
}


# %%
def on_the_grid(vae, x):
    """log p(x|y) + log p(y) of each x on the grid, (N, points), and q's means and widths, (N, 1)."""
    decoded = ops.convert_to_numpy(vae.decoder(grid[:, None].astype("float32")))[:, 0]
    q = vae.posterior(x)
    return normal(x, decoded, NOISE) + normal(grid, 0, 1), q.mean().numpy(), q.stddev().numpy()


measured = {}
for name, vae in vaes.items():
    joints, means, widths = on_the_grid(vae, x_test)
    exact = np.array([float(my_log_p(joint, step)) for joint in joints])
    log_qs = normal(grid, means, widths)
    elbos = [float(my_elbo(*pair, step)) for pair in zip(log_qs, joints)]
    iw = vae.log_likelihood(x_test, num_samples=1_000)
    measured[name] = exact.mean(), np.mean(elbos), iw.mean()

print("                  log p(x)    ELBO     gap   IW-1000   (nats, mean of 300 test points)")
for name, (exact, elbo, iw) in measured.items():
    print(f"{name:16s} {exact:9.3f} {elbo:8.3f} {exact - elbo:7.3f} {iw:9.3f}")

(true_p, true_elbo, true_iw), (learned_p, learned_elbo, _) = measured.values()
assert abs(true_p - learned_p) < start.pick(0.06, 0.15)
assert 0.3 < true_p - true_elbo < 0.6 and learned_p - learned_elbo < start.pick(0.2, 0.3)

# %% [markdown]
# Two models with the same log p(x), to some hundredths of a nat. (The first one is the truth: it made the
# data.) But the ELBO of the first is 0.3 nats lower, since its gap is 0.38 nats, and not 0.05. That is less than the
# 0.71 of x = 1.5, since for small x the two modes melt into one.
#
# Even IW-1000, the better bound that notebook 02 builds from a thousand draws, stays far below log p(x). Where there are
# two modes, no draw of q falls on the other one.
#
# What has the second model done? Look at both decoders, and at the true posterior of each at x = 1.5.

# %%
figure, axes = plt.subplots(2, 2, figsize=(8, 4.4), sharex=True)
for (above, below), (name, vae) in zip(axes.T, vaes.items()):
    joints, means, widths = on_the_grid(vae, np.array([[X]], "float32"))
    above.plot(grid, ops.convert_to_numpy(vae.decoder(grid[:, None].astype("float32"))))
    above.axhline(X, color="#bd1f01", linewidth=1)
    above.set(ylim=(-1, 6), ylabel="decoded x", title=name)
    below.fill_between(grid, np.exp(joints[0] - float(my_log_p(joints[0], step))), **grey)
    below.plot(grid, np.exp(normal(grid, means[0], widths[0])))
    below.set(xlim=(-3, 3), xlabel="y", ylabel="density")
axes[1, 0].set_title("true posterior (grey), and the encoder's q")
plt.show()

# %% [markdown]
# The learned decoder does not square. It runs one way, from end to end, so that (almost) each x has *one* y,
# and the true posterior one mode. Its gap is small.
#
# Nobody asked it to. Training raises the ELBO, which is log p(x) minus the gap. The model can raise it by better
# density, or by *simpler posteriors*, ones that q can follow. So the ELBO does not only judge a model. It shapes
# it. If the structure of your data is a square, a circle or a cluster, training alone may well choose
# another one.

# %% [markdown]
# ## What goes wrong
#
# Why does nobody use a grid, if it is exact? Take fewer points, for a likelihood whose noise is small, 0.02.

# %%
print("points   log p(x = 1.5) by the sum, noise 0.02")
sums = {}
for points in (21, 41, 81, 161, 1_601, 16_001):
    coarse = np.linspace(-5, 5, points)
    joint = normal(X, coarse**2, 0.02) + normal(coarse, 0, 1)
    sums[points] = float(my_log_p(joint, coarse[1] - coarse[0]))
    print(f"{points:6d}   {sums[points]:9.3f}")
assert abs(sums[1_601] - sums[16_001]) < 0.01 < 1 < abs(sums[21] - sums[16_001])

# %% [markdown]
# No error, no warning, and wrong by many nats: the modes are 0.008 wide, and fall between the points. You notice
# it by **halving the step**: as long as the sum changes, it is not the integral.
#
# Now count. A latent needs a few hundred points. Eight latents, as in notebook 01, need a few hundred to the power
# of eight: more than 10^19, for each image. That is why VAEs have an encoder. It says *where to look*. And it is
# why all depends on whether it looks at the right place.

# %% [markdown]
# ## Summary
#
# 1. log p(x) is a sum over all codes, and with one latent a grid gives it, and the true posterior, exactly.
# 2. The ELBO is log p(x) minus KL(q || p(y|x)), whatever is inside of the decoder.
# 3. A Gaussian q takes one mode and pays -log of its weight; and a model that is trained by the ELBO moves to
#    where posteriors are simple.

# %% [markdown]
# ## An open question
#
# At x = 1.5, the best q sits on one mode. At x = 0 the posterior has a single mode, and the best q sits in the
# middle. **Somewhere between, q has to choose. At which x? Does it move over smoothly, or jump? And does the
# point depend on the noise?** There is no check for this one. `gap(mean, width, x)` and `optimize.minimize` are
# all you need.
#
# <details><summary>What a good report has in it</summary>
#
# - The best mean of q, drawn over x from 0 to 2, for at least two values of the noise.
# - At each x several starts of the search, left, middle and right. One start alone finds one valley, and hides
#   the other.
# - The gap beside it. It is largest near the place where q has to choose: nowhere is one Gaussian so
#   bad an answer.
# - Whether two valleys exist side by side for a range of x (a jump), or one splits into two (a fork).
# - A sentence on training: what will an *encoder*, a continuous function of x, do there? And a check of it:
#   the means of `vaes["decoder y²"].posterior(x)` over x.
# - What you did not try.
# </details>

# %% [markdown]
# ## Questions
#
# Answer each before you unfold it.
#
# <details><summary>1. A least-squares regression from x to y would answer with the mean of p(y|x). Which of the
# three q is that, and what would its decoder draw?</summary>
#
# The one between the modes: the mean is 0. The decoder would draw x = 0² = 0, for a data point at 1.5.
# </details>
#
# <details><summary>2. What would change if we minimised KL(p(y|x) || q), the other order?</summary>
#
# It is a mean over draws from the truth, so q must be high wherever the truth is: mean 0, and wide enough for
# both modes. We cannot do that in training, since we cannot draw from the truth.
# </details>
#
# <details><summary>3. Your ELBO is equal to log p(x), to all digits. What do you know about q?</summary>
#
# It is the true posterior. The gap is a KL divergence, and that is 0 only between equal distributions.
# </details>
#
# <details><summary>4. You give q two Gaussians, a mixture. What happens to the gap, and what to line 4?</summary>
#
# The gap falls to nearly 0. Line 4 still holds, but the KL to the prior has no closed form any more. You estimate
# it by draws.
# </details>
#
# <details><summary>5. Two encoders of one decoder, trained from two seeds, sit on opposite modes. Which is the
# better one?</summary>
#
# Neither. Their ELBOs are the same. That codes of two runs differ says nothing about the model.
# </details>

# %% [markdown]
# ## Sources
#
# - S. J. D. Prince, "Understanding deep learning", chapter 17 and its notebook 17.1: a model with one latent,
#   summed on a grid.
# - C. M. Bishop, "Pattern recognition and machine learning", 2006, section 10.1: the two orders of the KL, and
#   what they do to two modes.
#
# Words: [glossary](../docs/reference/glossary.md). The same in prose:
# [the VAE and the ELBO, in nats](../docs/explanation/vae.md).
#
# ## What next
#
# Real models have no grid. [Notebook 02](02_what_the_elbo_knows.ipynb) measures the gap without one, and takes it
# apart: what is the fault of the Gaussian, and what of the encoder?
