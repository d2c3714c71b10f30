# %% [markdown]
# # A Gaussian builds bridges where your data have none
#
# **The question.** Data often come in separate pieces. An ordinary VAE starts from N(0, I), which is one
# piece. What does it draw in the gaps? And does a larger network help?
#
# **You will be able to**
#
# | you can | shown by |
# |---|---|
# | raise the KL's weight step by step, in a **warm-up** | exercise 1 |
# | measure how many samples lie where there are no data | exercise 2 |
# | tell **collapsed** latents, which say nothing, from those in use | exercise 3 |
# | say what a wider network does to the bridges, and why | the figure of the walks |
#
# **You need** notebook 01. **Time:** half an hour to read and do, of which the computer works about two
# minutes on two CPU cores.
#
# **Beside it:** the [glossary](../docs/reference/glossary.md) for words, and the how-tos
# [Watch training](../docs/how-to/watching.md) and [Collapse](../docs/how-to/troubleshooting.md#collapse) for models of
# your own. Everywhere in the course, ± is half of the 95% interval of a mean over seeds.

# %%
from course import start, ch03 as check

start.here()

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from course import strips
from keras import ops

from intelvae_keras import InteLVAE, callbacks, datasets, likelihoods, metrics, networks, plots

GREY, BLUE, RED = "#c9ced4", plots.PALETTE[0], plots.PALETTE[2]

# %% [markdown]
# ## The data
#
# Points of the plane on two rings, of radius 1/2 and 1, with a little noise. Nothing lies between the rings,
# and nothing in the middle. `x_fresh` are many more points of the same kind. We need them only to measure.

# %%
(x_train, _), _ = datasets.load("two_rings", num_train=20_000, seed=0)
(x_fresh, _), _ = datasets.load("two_rings", num_train=50_000, seed=1)

figure, ax = plt.subplots(figsize=(3.2, 3.2))
ax.scatter(*x_train[:3000].T, s=2, color=BLUE, linewidths=0)
ax.set(title="two rings, a gap and a hole", aspect="equal", xlabel="$x_1$", ylabel="$x_2$")
plt.show()

# %% [markdown]
# ## Predict
#
# An ordinary VAE with two latents learns these points. Some of its samples will fall between the rings:
# call them **strays**. We train it with hidden layers of 16 units, of 64, and of 256. The last one has
# nearly 180 times as many weights as the first. What happens to the strays?
#
# - **A.** They vanish. A network that large can draw any shape, so also two rings with nothing between.
# - **B.** They become fewer, and some remain, however wide the network.
# - **C.** Nothing. Strays come from the prior, whatever the network.
# - **D.** They become more. A larger network overfits.
#
# Write down a letter and one reason.

# %% [markdown]
# ## 1. A warm-up for the KL
#
# At the start of training the decoder cannot read the codes yet. So they are of no use, but they cost KL. The
# encoder then saves the KL: it makes every posterior equal to the prior, and the codes say nothing. Many
# small VAEs never get out of this state. You will see one at the end of this notebook.
#
# The cure is a **warm-up**: the weight of the KL in the loss grows from 0 to 1 in the first part of training.
# The codes become useful first, and pay for it later.
#
# ## Exercise 1: the weight
#
# A **step** is one batch and one update of the weights. The steps are numbered 0, 1, 2, ... Write the weight
# of the KL that step number `step` uses. It grows in a straight line: it is 0 for step 0, one half in the
# middle of the warm-up, and 1 for step number `warmup_steps`. Then it stays at 1.


# %%
def my_weight(step, warmup_steps):
    """The weight of the KL in this step: a number in [0, 1]."""
    ...


my_weight = check.weight(my_weight)

# %% [markdown]
# A Keras callback sets the weight before each batch. The package's model has a variable for it, `kl_weight`,
# and its optimizer counts the steps, as `iterations`.


# %%
class MyWarmup(keras.callbacks.Callback):
    every_batch = False  # once every few steps will do, and is faster

    def __init__(self, steps):
        super().__init__()
        self.steps = steps

    def on_train_batch_begin(self, batch, logs=None):
        step = int(self.model.optimizer.iterations)
        self.model.kl_weight.assign(my_weight(step, self.steps))


# %% [markdown]
# The model is the VAE of notebook 01, with three changes, because its data are points of the plane:
#
# - It has two latents.
# - The likelihood p(x|y) is a Gaussian. The decoder gives its mean. Its standard deviation is one number for
#   all points, and learned.
# - The posterior has a full covariance (`"full"`): its ellipse may be tilted, as the true one of notebook 02.
#
# `mapping=None` makes it an ordinary VAE, whose decoder sees y itself. (Notebook 05 puts something there.) The
# learning rate falls from 0.003 along a cosine, and large gradients are cut to norm 5: both make the training
# steadier.


# %%
EPOCHS, BATCH = start.pick(50, 20), 256
STEPS = EPOCHS * -(-len(x_train) // BATCH)  # -(-a // b) is a / b, rounded up


def new_vae(width, latent_dim=2, posterior="full", seed=0):
    keras.utils.set_random_seed(seed)
    vae = InteLVAE(
        latent_dim,
        encoder=networks.mlp_encoder([width, width]),
        mapping=None,
        decoder=networks.mlp_decoder((2,), [width, width]),
        likelihood=likelihoods.Gaussian(scale="learned", initial_scale=0.5),
        posterior=posterior,
        seed=seed,
    )
    rate = keras.optimizers.schedules.CosineDecay(3e-3, STEPS, alpha=0.03)
    vae.compile(keras.optimizers.Adam(rate, global_clipnorm=5.0))
    return vae


# %% [markdown]
# `callbacks.KLWarmup` of the package does the same as `MyWarmup`. We train two networks for one epoch, one with
# each. They start alike, so they must end alike, weight by weight.

# %%
pair = []
for warmup in (MyWarmup(steps=100), callbacks.KLWarmup(steps=100)):
    vae = new_vae(width=16)
    vae.fit(x_train, epochs=1, batch_size=BATCH, callbacks=[warmup], verbose=0)
    pair.append(vae.get_weights())
assert all(np.allclose(mine, theirs, atol=1e-6) for mine, theirs in zip(*pair, strict=True))
print("MyWarmup and callbacks.KLWarmup give the same network.")

# %% [markdown]
# Now the training itself. The warm-up takes the first 40% of the steps. Then we draw 5,000 samples: y from
# N(0, I), through the decoder. A sample here is the decoder's *mean*, without the noise of the likelihood.


# %%
def train(name, vae, warmup=True):
    during = [MyWarmup(steps=int(0.4 * STEPS))] if warmup else []
    during.append(start.Bar(name))
    history = vae.fit(x_train, epochs=EPOCHS, batch_size=BATCH, callbacks=during, verbose=0)
    return history.history


vae = new_vae(width=64)
history = train("64 units", vae)
samples = vae.sample(5_000, seed=0)

# %% [markdown]
# ## Exercise 2: how many strays?
#
# Call a sample a stray if it is **further than 0.1 from the nearest data point**. The noise of the data has
# a standard deviation of 0.03, so a point of the data is almost never a stray. Write the fraction of strays.
#
# Mind the memory: 2,000 samples and 5,000 data points have 10 million distances.


# %%
def my_off(samples, data, threshold=0.1):
    """The fraction of samples, shape (N, 2), further than `threshold` from all data, shape (N', 2)."""
    ...


my_off = check.off(my_off)

# %% [markdown]
# `metrics.off_manifold` of the package gives the same fraction. It finds the nearest point by a search tree, not
# by all distances. So it can take all 50,000 fresh points.

# %%
mine = my_off(samples[:2000], x_fresh[:5000])
assert np.isclose(mine, metrics.off_manifold(samples[:2000], x_fresh[:5000]))

strays = metrics.off_manifold(samples, x_fresh)
data_strays = metrics.off_manifold(x_train[:5000], x_fresh)
print(f"strays: {100 * strays:.1f}% of the samples, {100 * data_strays:.2f}% of the data")
assert 0.03 < strays < start.pick(0.22, 0.40) and data_strays < 0.002

# %% [markdown]
# ## The headline figure

# %%
distance = np.array([np.min(np.linalg.norm(x_fresh - s, axis=1)) for s in samples[:3000]])
stray = distance > 0.1

figure, ax = plt.subplots(figsize=(5.2, 5.6))
ax.scatter(*x_fresh[:20_000].T, s=2, color=GREY, linewidths=0, label="data")
near, far = samples[:3000][~stray], samples[:3000][stray]
ax.scatter(*near.T, s=4, color=BLUE, linewidths=0, label="samples near data")
ax.scatter(*far.T, s=9, color=RED, linewidths=0, label="strays")
ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=3, markerscale=3)
ax.set(aspect="equal", xticks=[], yticks=[])
ax.spines[:].set_visible(False)
ax.set_title(f"{100 * strays:.0f}% of an ordinary VAE's samples lie where there are no data")
plt.show()

# %% [markdown]
# The red strays lie on **bridges** between the rings, and in the hole. The measure is a mild one: many blue
# samples lie beside a ring, and pass because some data point is closer than 0.1.
#
# The figure is one run. Is it luck? The repository holds five more, trained for 6,000 steps in place of our 3,950. Each
# dot is a seed, the tick is their mean, and the bar half of its 95% interval to either side.

# %%
stored = strips.runs("toys", toy="two_rings", model="ordinary VAE", start=0)
strips.origin(stored)
rows = {
    "the data": [100 * run["result"]["off_data"] for run in stored],
    "an ordinary VAE": [100 * run["result"]["off_means"] for run in stored],
}
figure, ax = plt.subplots(figsize=(7, 1.4))
strips.draw(ax, rows, 1, colours=[GREY, BLUE])
ax.set(xlabel="strays, %", xlim=(-0.3, None))
plt.show()
middle, half = strips.mean_half(rows["an ordinary VAE"])
assert middle > 3 * half

# %% [markdown]
# ## 2. Why: you cannot tear a plane
#
# The prior N(0, I) covers the whole plane of y, without a gap. The decoder is a **continuous** function:
# small steps in y give small steps in x. Now walk in a straight line from a code of the inner ring to a
# code of the outer ring. The decoded point starts at radius 1/2 and ends at radius 1.
#
# A continuous path cannot jump. So on the way it passes **every** radius between. A part of the way therefore decodes to the
# gap: that is the bridge. N(0, I) has mass there, so some samples fall on it.
#
# How long is that part? That depends on how **steep** the decoder is: how far x moves when y moves a little.
# So let us try networks that can be steeper.

# %%
vaes = {64: vae}
for width in (16, 256):
    vaes[width] = new_vae(width)
    train(f"{width} units", vaes[width])

# %%
off = {}
print("units   weights   strays")
for width in sorted(vaes):
    drawn = vaes[width].sample(20_000, seed=1)
    off[width] = metrics.off_manifold(drawn, x_fresh)
    print(f"{width:5d} {vaes[width].count_params():9,d} {100 * off[width]:7.1f}%")

assert off[16] > off[256] > 0.01 and off[64] > 0.03
assert off[256] < start.pick(0.15, 0.40)

# %% [markdown]
# **B is right**, for these three runs. Train each width with two more seeds, before you believe it.

# %%
again = {width: [100 * off[width]] for width in sorted(vaes)}


def train_again(width):
    for seed in start.pick((1, 2), ()):
        another = new_vae(width, seed=seed)
        train(f"{width} units, seed {seed}", another)
        again[width].append(100 * metrics.off_manifold(another.sample(20_000, seed=1), x_fresh))


train_again(16)
train_again(64)

# %%
train_again(256)

# %%
figure, ax = plt.subplots(figsize=(7, 1.8))
rows = {"the data": [100 * data_strays]} | {f"{w} units": values for w, values in again.items()}
strips.draw(ax, rows, 1, colours=[GREY, BLUE, BLUE, BLUE])
ax.set(xlabel="strays, %: a dot for each seed", xlim=(-0.5, None))
plt.show()
assert np.mean(again[16]) > np.mean(again[256]) > 1

# %% [markdown]
# With nearly 180 times as many weights there are fewer strays, and in no seed there are none. Here is the
# walk for all three networks of the first seed, in eight directions. At position 0 is the code of a point of the inner ring, at
# position 1 that of the point beside it on the outer ring. The red band is the gap: hardly a data point has a
# radius between 0.6 and 0.9.


# %%
def walk(vae, angle, steps=1000):
    """The radius |x| of the decoded points on the straight line between two codes."""
    ends = np.array([[0.5], [1.0]]) * [np.cos(angle), np.sin(angle)]
    first, last = vae.encode(ends.astype("float32"))
    position = np.linspace(0, 1, steps)[:, None]
    return np.linalg.norm(vae.decode((1 - position) * first + position * last), axis=1)


figure, axes = plt.subplots(1, 3, figsize=(9, 2.8), sharey=True)
for ax, width in zip(axes, sorted(vaes), strict=True):
    ax.axhspan(0.6, 0.9, color=RED, alpha=0.15, linewidth=0)
    for angle in np.linspace(0, 2 * np.pi, 8, endpoint=False):
        ax.plot(np.linspace(0, 1, 1000), walk(vaes[width], angle), color=BLUE, linewidth=1)
    ax.set(title=f"{width} units", xlabel="position on the way", ylim=(0.4, 1.1))
axes[0].set_ylabel("radius of the decoded x")
axes[0].text(0.02, 0.85, "no data", va="center")
figure.suptitle("A wider network crosses the gap faster, and still crosses it")
plt.show()

# %%
for width in vaes:
    for angle in np.linspace(0, 2 * np.pi, 8, endpoint=False):
        radius = walk(vaes[width], angle)
        assert np.any((0.6 < radius) & (radius < 0.9)), "a path that jumps?"
print("All 24 paths cross the gap.")

# %% [markdown]
# The wider the network, the steeper the crossing. But every path crosses. To leave nothing in the gap, a decoder
# would need an infinite slope, and training does not get there. A steep decoder also has a price. Where it is
# steep, a tiny change of y changes x a lot. So the posterior must be narrow there, and a narrow posterior costs
# KL.
#
# More training does not remove the bridges either: see the five longer runs above. What would help is a function
# with a jump *before* the decoder. It is called g, and notebook 05 builds the first one.
#
# ## Play
#
# Here is the widest network. Move y: the picture is the point x. Walk from one ring to the other, as slowly as you
# can. Can you stop on the bridge? And is there a y in the middle of the hole?

# %%
vaes[256].explore(x=x_train[:30], title="Two rings, an ordinary VAE with 256 units")

# %% [markdown]
# [The playground](http://127.0.0.1:8000/playground/#data=rings&noise=0.03&g=none) trains such a VAE in the page, on these
# data. Press *Start*, and move y there. Then choose another seed. (`make docs-serve` shows the site on your machine.)
#
# ### What is forced, and what is not
#
# The argument above is a theorem: **the image of a connected set under a continuous function is connected**. The
# plane of y is connected, so two pieces of data with a gap between them get a bridge. No network gets around it.
#
# For a *hole* there is no such theorem. Look at x = (cos 3y₁, sin 3y₁). It is continuous, it takes all y of the
# plane, and it never leaves the circle: no stray at all. It winds the line of y₁ around the ring, several times.
#
# A hole must be bridged if the codes of the data form a *loop* without a tear, once around the ring. The codes
# inside of that loop have to land somewhere. Most VAEs find such a loop, because neighbours in x then stay
# neighbours in y. The red points in the middle of the headline figure say that ours has.
#
# ## What goes wrong: the collapse
#
# Now train the same model without the warm-up: the KL has weight 1 from the first step on.

# %%
cold = new_vae(width=64)
cold_history = train("without warm-up", cold, warmup=False)
cold_samples = cold.sample(3000, seed=0)

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
left.plot(history["kl"], color=BLUE, label="with warm-up")
left.plot(cold_history["kl"], color=RED, label="without")
left.set(xlabel="epoch", ylabel="KL, nats", title="without a warm-up the KL stays at 0")
left.legend(loc="center right")
right.scatter(*x_fresh[:5000].T, s=2, color=GREY, linewidths=0)
right.scatter(*cold_samples.T, s=9, color=RED, linewidths=0)
right.set(aspect="equal", xticks=[], yticks=[], title="and 3,000 samples fall on one spot")
right.spines[:].set_visible(False)
plt.show()
assert cold_history["kl"][-1] < 0.05 and history["kl"][-1] > start.pick(3, 2)
assert np.abs(cold_samples).max() < start.pick(0.1, 0.3)

# %% [markdown]
# The KL is 0, so q(y|x) = N(0, I) for every x. The codes say nothing about x. So the decoder gives the same
# answer for all of them: the mean of the data, the red spot in the middle. You met this in notebook 01, as
# **posterior collapse**. No error is raised, and the loss looks settled. You notice it by the KL.
#
# Often only *some* latents collapse. Then the KL is not 0, and you must look at it latent by latent. Here
# is a VAE with four latents for points of the plane. Its posterior has no tilt (`"diagonal"`), so the KL is a
# sum over the latents.

# %%
four = new_vae(width=64, latent_dim=4, posterior="diagonal")
train("four latents", four)
q = four.posterior(x_train)
mean, sigma = q.mean().numpy(), q.stddev().numpy()  # (20000, 4) each

# %% [markdown]
# ## Exercise 3: which latents have collapsed?
#
# A latent has collapsed if its posterior is the prior, for nearly every x. So take the KL of notebook 01,
#
# $$\tfrac12\,(\sigma^2 + \mu^2 - 1 - \log \sigma^2),$$
#
# for each latent by itself, and its mean over the data. Return True for each latent whose mean is below 0.01
# nats, and False for the others. `mean` and `sigma` are those of the posteriors. You get x as well. Do you need
# it?


# %%
def my_collapsed(x, mean, sigma):
    """True for each collapsed latent: shape (M,). x has shape (N, D), mean and sigma (N, M)."""
    ...


my_collapsed = check.collapsed(my_collapsed)

# %%
kl_per_latent = np.mean((sigma**2 + mean**2 - 1 - 2 * np.log(sigma)) / 2, axis=0)
theirs = ops.mean(four.prior.kl_divergence(q, mean))
assert np.isclose(kl_per_latent.sum(), theirs, rtol=1e-3)  # the KL that `fit` reports is their sum

collapsed = np.asarray(my_collapsed(x_train, mean, sigma))
for latent, (kl, gone) in enumerate(zip(kl_per_latent, collapsed, strict=True), start=1):
    print(f"latent {latent}: KL {kl:6.3f} nats{'   collapsed' if gone else ''}")
assert 4 - collapsed.sum() == metrics.active_units(four, x_train) >= 2

four_strays = metrics.off_manifold(four.sample(5000, seed=0), x_fresh)
print(f"strays with four latents: {100 * four_strays:.1f}%")
assert four_strays > 0.02

# %% [markdown]
# `metrics.active_units` counts the latents in use by another rule: the mean of the posterior must vary over the
# data. Both rules agree here. And two more latents have not removed the strays.
#
# A collapsed latent is not a fault in itself. A point of the plane does not need four numbers, and it costs
# nothing to leave two unused. It is a fault if *all* collapse, or if you needed them.

# %% [markdown]
# ## Summary
#
# 1. N(0, I) has no gaps and the decoder is continuous, so an ordinary VAE must put bridges between the pieces
#    of your data. Across a hole it does so where its codes form a loop without a tear.
# 2. A wider network makes the bridges thinner, and cannot remove them.
# 3. Without a warm-up of the KL, a small VAE may collapse: watch the KL, in total and latent by latent.

# %% [markdown]
# ## An open question
#
# Nobody has checked this one. A hole need not be bridged: x = (cos 3y₁, sin 3y₁) does without. **Can you get an ordinary
# VAE with N(0, I) to *learn* a circle without strays?** You may change networks, start, schedule and posterior, but put
# no g behind y, and no other prior.
#
# <details><summary>What a good report has in it</summary>
#
# - **What you expected, and why**, before the first run.
# - **Strays of five seeds or more**, as a strip, beside the data and beside the model of this notebook. The seeds that
#   failed are in it.
# - **The walk**: what does the decoder draw along a line through the middle? Where are codes torn, and how often do they
#   go around?
# - **The price**: KL and log p(x), paired by seed. A decoder that is steeper costs nats.
# - **A control that shares all but your idea**: the same weights, steps and rates.
# - If it does not work: what you tried, and what stopped it.
# </details>

# %% [markdown]
# ## Questions
#
# Answer each before you unfold it.
#
# <details><summary>1. Would a decoder with a jump in it, such as a step function, remove the
# bridges?</summary>
#
# Yes, in principle. But the gradient of a step is 0 on both sides. Training could never move the place of
# the step to where the data want it. Notebook 06 uses a function that is nearly a step, with a slope that
# training can use.
# </details>
#
# <details><summary>2. Do the reconstructions of this VAE lie off the data?</summary>
#
# Hardly. The encoder sends data to codes that decode well, and avoids the bridge. Strays come from codes of
# the *prior*. Reconstructions never show them: the lesson of notebook 01 again.
# </details>
#
# <details><summary>3. A line has no holes. Can one latent draw a ring without strays?</summary>
#
# Yes: x = (cos y, sin y) winds the line around it. So a hole does not force strays. But the codes of the ring
# are then torn at one place at least: points beside the cut are neighbours in x, and far apart in y.
# </details>
#
# <details><summary>4. Your VAE with 50 latents reports a KL of 12 nats. How many latents does it
# use?</summary>
#
# The number does not say. It may be 48 with a quarter of a nat each, or 6 with 2 nats each. Look at the mean
# KL of each latent.
# </details>
#
# <details><summary>5. During a warm-up the loss goes up. Is something wrong?</summary>
#
# No. The weight of the KL grows, and with it the loss. Watch `elbo`, which counts the KL in full at all
# times.
# </details>

# %% [markdown]
# ## Sources
#
# - N. Miao, E. Mathieu, N. Siddharth, Y. W. Teh and T. Rainforth, "On incorporating inductive biases into
#   VAEs", ICLR 2022, section 3: why a Gaussian prior and a continuous decoder do badly at gaps and holes.
# - S. R. Bowman et al., "Generating sentences from a continuous space", CoNLL 2016, section 3.1: the warm-up,
#   and the collapse that it prevents.
# - Y. Burda, R. Grosse and R. Salakhutdinov, "Importance weighted autoencoders", ICLR 2016, section 5.2:
#   active units.
#
# ## What next
#
# If N(0, I) is the culprit, why not take another prior? [Notebook 04](04_another_prior.ipynb) learns one.
# It works, better than many expect. And it leaves one wish open.
