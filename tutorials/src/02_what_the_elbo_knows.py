# %% [markdown]
# # The ELBO is a step below log p(x), and neither has seen your samples
#
# **The question.** Everyone reports the ELBO. How far is it from log p(x), the number that it stands for?
# And what does either of them say about the samples that you look at?
#
# **You will be able to**
#
# | you can | shown by |
# |---|---|
# | climb from the ELBO to log p(x), with importance-weighted bounds | exercise 1 |
# | say exactly what the ELBO's gap is | exercise 2 |
# | say whose fault it is: the Gaussian's, the encoder's, or that of too few draws | "Whose fault is the gap?" |
# | turn nats into bits per dimension | exercise 3 |
# | say why a lower ELBO may belong to the better model | "Two real models" |
# | notice that a bound cannot be trusted | "What goes wrong" |
#
# **You need** [notebook 01](01_a_vae_from_scratch.ipynb). [Notebook 01b](01b_one_latent_on_a_grid.ipynb) has the
# same question in a picture. **Time:** half an hour to read and do, of which the computer works about a minute on
# two CPU cores.

# %%
from course import start, ch02 as check

start.here()

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers, ops
from tensorflow_probability import distributions as tfd

from intelvae_keras import InteLVAE, datasets, likelihoods, networks, plots, presets
from intelvae_keras.log_likelihood import log_importance_weight

keras.utils.set_random_seed(0)

# %% [markdown]
# ## A model whose answer is known
#
# For a VAE with networks, nobody can tell you log p(x). So take one without. Let the decoder be a matrix
# A, and the noise Gaussian with standard deviation s:
#
# $$y \sim N(0, I), \qquad x = A\,y + s\,e, \qquad e \sim N(0, I).$$
#
# Then x is Gaussian itself, with covariance A Aᵀ + s² I, and log p(x) is one line. The **true posterior**
# p(y|x) is Gaussian, too. Here x has 6 values, and y has 2.


# %%
rng = np.random.default_rng(0)
column = rng.normal(size=6)
A = np.stack([column, column + 0.2 * rng.normal(size=6)], axis=1).astype("float32")  # (6, 2)
s = 0.3


def draw_data(number):
    y = rng.normal(size=(number, 2))
    return (y @ A.T + s * rng.normal(size=(number, 6))).astype("float32")


x_train, x_test = draw_data(start.pick(20_000, 10_000)), draw_data(1_000)

covariance_of_x = A @ A.T + s**2 * np.eye(6, dtype="float32")
of_x = tfd.MultivariateNormalTriL(tf.zeros(6), np.linalg.cholesky(covariance_of_x))
exact = of_x.log_prob(x_test).numpy()
print(f"exact log p(x), mean over {len(x_test)} test examples: {exact.mean():.3f} nats")

# %% [markdown]
# The inverse of the true posterior's covariance is I + AᵀA / s². The two columns of A are nearly alike, so
# its ellipse is long and tilted: from x one learns y₁ + y₂ well, and the difference badly.

# %%
true_covariance = np.linalg.inv(np.eye(2) + A.T @ A / s**2)
best_variance = 1 / np.diag(np.linalg.inv(true_covariance))  # of the best Gaussian without a tilt
turn = np.linspace(0, 2 * np.pi, 200)
circle = 2 * np.stack([np.cos(turn), np.sin(turn)])

figure, ax = plt.subplots(figsize=(6.4, 3.2))
ax.plot(*(np.linalg.cholesky(true_covariance) @ circle), label="true posterior p(y|x)")
ax.plot(*(np.sqrt(best_variance)[:, None] * circle), label="best q(y|x) without tilt")
ax.set(xlabel="$y_1$", ylabel="$y_2$", aspect="equal", title="two standard deviations")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# A usual encoder gives a mean and a variance for each latent, and no tilt. So the best it can do is the round
# one in the middle. It misses both tips of the true one.
#
# ## Predict
#
# Two models have been trained on the same data. On the same test data, model A has an ELBO of {{preset
# circle-vae elbo .2f}} nats, model B one of {{preset circle elbo .2f}} nats. What do you know?
#
# - **A.** Model A has the higher log p(x).
# - **B.** Model A draws the better samples.
# - **C.** Both.
# - **D.** Neither.
#
# Write down a letter and one reason, before you read on. Both are real models, and you will meet them
# below.

# %% [markdown]
# ## 1. Log weights
#
# For one y drawn from q(y|x), define the **log weight**
#
# $$\log w = \log p(x|y) + \log p(y) - \log q(y|x).$$
#
# Everything in this notebook comes from it. The mean of w over y ~ q is exactly p(x), because q cancels.
# The mean of log w is the ELBO. The logarithm of a mean is at least the mean of the logarithms (Jensen),
# so the ELBO lies below log p(x).


# %%
class LinearVAE(keras.Model):
    def __init__(self):
        super().__init__()
        self.encoder = layers.Dense(4)  # two means, two log-variances

    def q(self, x):
        mean, log_variance = ops.split(self.encoder(x), 2, axis=-1)
        return tfd.MultivariateNormalDiag(mean, tf.exp(0.5 * log_variance))

    def log_weights(self, x, num_samples):
        q = self.q(x)
        y = q.sample(num_samples)  # (S, batch, 2)
        log_likelihood = ops.sum(tfd.Normal(y @ A.T, s).log_prob(x), axis=-1)
        prior = tfd.MultivariateNormalDiag(tf.zeros(2), tf.ones(2))
        return log_likelihood + prior.log_prob(y) - q.log_prob(y)  # (S, batch)


# %% [markdown]
# The decoder is given. Only the encoder is trained, on the ELBO: the mean log weight of one draw.


# %%
class TrainedEncoder(LinearVAE):
    def train_step(self, x):
        with tf.GradientTape() as tape:
            loss = -ops.mean(self.log_weights(x, 1))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        return {"elbo": -loss}


vae = TrainedEncoder()
vae.q(x_train[:1])  # builds the encoder
epochs = start.pick(12, 10)
steps = epochs * len(x_train) // 250
vae.compile(optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.03, steps)))
vae.fit(x_train, batch_size=250, epochs=epochs, verbose=0, callbacks=[start.Bar()])

elbo = ops.mean(vae.log_weights(x_test, 200), axis=0).numpy()
print(f"ELBO {elbo.mean():.3f}, exact log p(x) {exact.mean():.3f} nats")
variance = vae.q(x_test).variance().numpy().mean(axis=0)
print(f"variances of q {variance.round(3)}, of the best one {best_variance.round(3)}")
assert np.allclose(variance, best_variance, rtol=start.pick(0.15, 0.5))

# %% [markdown]
# The encoder has found the best q of its **family**: all Gaussians without a tilt. The ELBO still stays below. More
# training would not help, nor would a larger encoder.

# %% [markdown]
# ## Exercise 1: log-mean-exp
#
# Draw S values of y for each x, and take the mean of their weights *before* the logarithm:
#
# $$\log \frac1S \sum_{i=1}^S w_i.$$
#
# This is the **importance-weighted bound**, IW-S. It is never above log p(x) in the mean, and it rises
# with S. With S = 1 it is the ELBO. You get `log_weights` of shape (S, batch); return one number per
# example. Take care: for an image, log w may be -2000, and exp(-2000) is 0 on a computer.


# %%
def my_log_mean_exp(log_weights):
    """log of the mean of exp(log_weights) over the first axis: (S, batch) to (batch,)."""
    ...


my_log_mean_exp = check.log_mean_exp(my_log_mean_exp)

# %% [markdown]
# ## The headline figure
#
# Climb the stairs, from one sample to a thousand.

# %%
bounds = {"ELBO": elbo.mean()}
for num_samples in (10, 100, 1000):
    log_weights = vae.log_weights(x_test, num_samples).numpy()
    bounds[f"IW-{num_samples}"] = np.mean(my_log_mean_exp(log_weights))

# %%
figure, ax = plt.subplots(figsize=(7, 3.6))
left = bounds["ELBO"] - 0.3
for place, bound in enumerate(bounds.values()):
    ax.bar(place, bound - left, bottom=left, width=0.96, color="#3f90da", alpha=0.4 + 0.15 * place)
    ax.text(place, bound - 0.03, f"{bound:.2f}", ha="center", va="top")
ax.axhline(exact.mean(), color="#bd1f01")
ax.text(-0.45, exact.mean() + 0.03, f"exact log p(x) = {exact.mean():.2f} nats", color="#bd1f01")
ax.set_xticks(range(4), bounds)
ax.set(ylim=(left, exact.mean() + 0.15), ylabel="nats per example")
ax.set_title("One model, measured four times: the more samples, the nearer to log p(x)")
plt.show()

assert bounds["ELBO"] < bounds["IW-10"] < bounds["IW-100"] < exact.mean() + 0.02
assert abs(bounds["IW-1000"] - exact.mean()) < 0.15

# %% [markdown]
# Nothing was trained between the stairs. It is one model, measured better and better. When you compare
# models, compare them on the top stair.

# %% [markdown]
# ## Exercise 2: what is the gap?
#
# log p(x) - ELBO(x) is itself a KL divergence, between two distributions over y. Which two? Write p(x|y)
# p(y) = p(y|x) p(x) into the log weight, and look at what is left.
#
# Your function gets a model with `model.q(x)`, `model.true_posterior(x)` and `model.prior(x)`. Each
# returns means of shape (batch, 2), and a covariance of shape (2, 2). `gaussian_kl` below does the
# arithmetic.


# %%
def gaussian_kl(mean, covariance, other_mean, other_covariance):
    """KL(N(mean, covariance) || N(other_mean, other_covariance)) for each row of the means."""
    precision = np.linalg.inv(other_covariance)
    shift = other_mean - mean
    squares = np.sum(shift @ precision * shift, axis=-1)
    log_dets = np.linalg.slogdet(other_covariance)[1] - np.linalg.slogdet(covariance)[1]
    return 0.5 * (np.trace(precision @ covariance) + squares - len(covariance) + log_dets)


def my_gap(model, x):
    """log p(x) - ELBO(x) in nats, shape (batch,)."""
    ...


my_gap = check.gap(my_gap)


# %%
class Known:
    """The linear model with the best q that has no tilt."""

    def q(self, x):
        return self.true_posterior(x)[0], np.diag(best_variance)

    def true_posterior(self, x):
        return x @ A @ true_covariance / s**2, true_covariance

    def prior(self, x):
        return np.zeros((len(x), 2)), np.eye(2)


gap = np.mean(my_gap(Known(), x_test))
print(f"gap by the formula {gap:.3f}, measured {np.mean(exact - elbo):.3f} nats")
assert abs(gap - np.mean(exact - elbo)) < start.pick(0.1, 0.3)

# %% [markdown]
# So the ELBO mixes two things: how good the model is, and how well *q* fits its true posteriors. A model whose true
# posteriors are simple has a small gap. Another, equally good one, may have a large gap.

# %% [markdown]
# ## 2. The same with the package
#
# `log_likelihood(x, num_samples=S)` is IW-S. First make sure that both compute the same weights, for the
# same y.

# %%
package_vae = InteLVAE(
    latent_dim=2,
    encoder=layers.Flatten(),
    decoder=layers.Dense(6, use_bias=False, trainable=False),
    likelihood=likelihoods.Gaussian(scale=s),
)
package_vae.build((None, 6))
package_vae.decoder.set_weights([A.T])

q = vae.q(x_test)
y = q.sample(5)
prior = tfd.MultivariateNormalDiag(tf.zeros(2), tf.ones(2))
mine = ops.sum(tfd.Normal(y @ A.T, s).log_prob(x_test), axis=-1) + prior.log_prob(y) - q.log_prob(y)
theirs = log_importance_weight(package_vae, x_test, q, y)
assert np.allclose(mine, theirs, atol=1e-3)
print(f"Log weights agree, to {np.max(np.abs(mine - theirs)):.0e} nats.")

# %%
package_vae.compile(optimizer=keras.optimizers.Adam(0.01))
package_vae.fit(
    x_train, epochs=epochs, batch_size=250, verbose=0, callbacks=[start.Bar("InteLVAE")]
)
for num_samples in (1, 10, 1000):
    bound = package_vae.log_likelihood(x_test, num_samples=num_samples).mean()
    print(f"IW-{num_samples:<5d} {bound:.3f} nats")
print(f"exact    {exact.mean():.3f} nats")
assert abs(bound - exact.mean()) < 0.15

# %% [markdown]
# ## 3. Whose fault is the gap?
#
# q may miss the true posterior for two reasons.
#
# - Its **family** is too poor. Not even the best mean and width of this x would do. This is the family gap.
# - Its **encoder** gives another mean and width than the best. One network serves all examples, and has learned from
#   some of them. This is called **amortised** inference, and what it costs is the amortisation gap.
#
# To tell them apart, forget the encoder, and search the best q *for each x alone*. Start from what the encoder says,
# and follow the gradient of the ELBO. It is done for all test examples at once, each with a mean and a width of its
# own.
#
# Our encoder so far was perfect. So take a worse one, too: a network that has seen 16 examples only, again and again,
# for the same number of steps.


# %%
def with_encoder(encoder, posterior, x, name):
    """The model that we know, with another encoder and family. Its decoder is not trained."""
    keras.utils.set_random_seed(0)
    decoder = layers.Dense(6, use_bias=False, trainable=False)
    model = InteLVAE(
        2,
        encoder=encoder,
        decoder=decoder,
        likelihood=likelihoods.Gaussian(scale=s),
        posterior=posterior,
    )
    model.build((None, 6))
    decoder.set_weights([A.T])
    rate = keras.optimizers.schedules.CosineDecay(0.03, steps)
    model.compile(optimizer=keras.optimizers.Adam(rate))
    model.fit(x, epochs=epochs, batch_size=250, verbose=0, callbacks=[start.Bar(name)])
    return model


# %%
few = np.tile(x_train[:16], (len(x_train) // 16, 1))
encoders = {}
for family in ("diagonal", "full"):
    small, plain = networks.mlp_encoder([64]), layers.Flatten()
    encoders["16 examples", family] = with_encoder(small, family, few, f"16 examples, {family}")
    encoders["all examples", family] = with_encoder(plain, family, x_train, f"all, {family}")

# %% [markdown]
# The search for each x alone:


# %%
@tf.function
def uphill(mean, log_width, optimizer):
    with tf.GradientTape() as tape:
        q = tfd.MultivariateNormalDiag(mean, tf.exp(log_width))
        log_weights = log_importance_weight(package_vae, x_test, q, q.sample(16))
        loss = -ops.sum(ops.mean(log_weights, axis=0))  # examples do not touch each other
    optimizer.apply(tape.gradient(loss, [mean, log_width]), [mean, log_width])


q = encoders["16 examples", "diagonal"].posterior(x_test)
mean, log_width = tf.Variable(q.mean()), tf.Variable(ops.log(q.stddev()))
rate = keras.optimizers.schedules.CosineDecay(0.05, start.pick(400, 200))
optimizer = keras.optimizers.Adam(rate)
for _ in range(start.pick(400, 200)):
    uphill(mean, log_width, optimizer)
searched = tfd.MultivariateNormalDiag(mean, tf.exp(log_width))


def bound(q, num_samples, repeats=1):
    """IW-S for each test example; the ELBO for S = 1, in the mean of some repeats."""
    log_weights = log_importance_weight(package_vae, x_test, q, q.sample(num_samples * repeats))
    groups = ops.reshape(log_weights, (num_samples, repeats, -1))
    return np.mean([my_log_mean_exp(groups[:, i]) for i in range(repeats)], axis=0)


# %%
best = bound(searched, 1, repeats=300).mean()
family_gap = {"diagonal": exact.mean() - best, "full": 0.0}  # the truth is a Gaussian, with a tilt
gaps = {}
for (seen, family), model in encoders.items():
    elbo_here = bound(model.posterior(x_test), 1, repeats=300).mean()
    all_of_it = exact.mean() - elbo_here
    gaps[f"ELBO\n{family}\n{seen}"] = (family_gap[family], all_of_it - family_gap[family], 0)
q = encoders["16 examples", "diagonal"].posterior(x_test)
for number in (10, 100, 1_000):
    gaps[f"IW-{number}\ndiagonal\n16 examples"] = (0, 0, exact.mean() - bound(q, number).mean())

print("family, amortisation, sampling gap in nats")
for name, parts in gaps.items():
    print(f"{' '.join(name.split()):30s}", *(f"{part:7.3f}" for part in parts))
by_formula = np.mean(my_gap(Known(), x_test))
print(f"family gap by the formula of exercise 2: {by_formula:.3f} nats")
assert abs(family_gap["diagonal"] - by_formula) < start.pick(0.03, 0.1)

# %%
figure, ax = plt.subplots(figsize=(9, 3.6))
colours, below = ("#3f90da", "#ffa90e", "#94a4a2"), np.zeros(len(gaps))
names = ("family gap: no tilt", "amortisation gap: the encoder", "sampling gap: what S draws leave")
for part, colour, name in zip(np.transpose(list(gaps.values())), colours, names):
    ax.bar(range(len(gaps)), part, bottom=below, color=colour, label=name)
    below += part
for place, height in enumerate(below):
    ax.text(place, max(height, 0) + 0.02, f"{height:.2f}", ha="center")
ax.axvline(3.5, color="black", linewidth=0.8)
ax.set_xticks(range(len(gaps)), gaps)
ax.set(ylim=(0, 1.15 * max(below)), ylabel="nats below log p(x)")
ax.set(title="One model, seven bounds: what each lacks, and why")
ax.legend()
plt.show()

one, two, three, four, *draws = below
assert one > two + 0.1 and three > four + 0.1 and four < start.pick(0.05, 0.15)
assert draws[0] > draws[1] > draws[2]

# %% [markdown]
# Left of the line, read the ELBO's gap in two colours. More data for the encoder take the orange part away. The blue
# part stays: only a richer family removes it, here a full covariance, which has a tilt. With both, nothing is left.
#
# Right of the line, the same poor q as in the first column, and more draws. Draws mend *both* faults, since IW-S
# climbs to log p(x) for any q that reaches everywhere. What is left is the **sampling gap**. It falls with S, and
# a better q would make it fall sooner.
#
# So before you buy a larger encoder, search q for a few examples. If the ELBO hardly rises, the encoder is not to
# blame.
#
# **Play.** The [playground with a diagonal covariance](http://127.0.0.1:8000/playground/#covariance=diagonal) trains two models
# in the page, and shows the KL, -log p(x|z) and log p(x). Which gap follows from these three? And how does it change
# with a full covariance?

# %% [markdown]
# ## 4. Two real models
#
# Here are models A and B: an ordinary VAE of points on a circle, and an InteL-VAE of the same points,
# whose latents lie on a circle ([notebook 05](05_intel_vae.ipynb)).

# %%
(_, _), (circle_test, _) = datasets.load("circle", num_test=2_000, seed=0)
models = {"A, ordinary VAE": presets.load("circle-vae"), "B, InteL-VAE": presets.load("circle")}
climbs = {}
for name, model in models.items():
    one = [model.log_likelihood(circle_test, num_samples=1, seed=seed) for seed in range(30)]
    more = [model.log_likelihood(circle_test, num_samples=number) for number in (10, 500)]
    climbs[name] = [np.mean(bound) for bound in (one, *more)]

print("                    ELBO    IW-10   IW-500  (nats)")
for name, climb in climbs.items():
    print(f"{name:15s} " + " ".join(f"{bound:8.2f}" for bound in climb))
(a_elbo, _, a_top), (b_elbo, _, b_top) = climbs.values()
assert a_elbo > b_elbo and a_top < b_top

# %% [markdown]
# **D is right.** By the ELBO, model A wins. On the top stair, model B does. The true posterior of B is a wedge in the
# plane of y, which a Gaussian fits badly. So its family gap is larger, and its ELBO says more about that than about
# the model.
#
# (The two ELBOs of the prediction were measured on other points of the same circle, with one draw a point.)
#
# This is no accident of two models. Here is our benchmark on two other shapes, from the worst to the best of
# {{toys toy=star model="ordinary VAE" start=0 log_p .2f n}} runs. The ELBO is that of the training data:
#
# | data | model | ELBO, nats | log p(x), nats |
# |---|---|---|---|
# | star | ordinary VAE | {{toys toy=star model="ordinary VAE" start=0 elbo_train .2f range}} | {{toys toy=star model="ordinary VAE" start=0 log_p .2f range}} |
# |  | InteL-VAE | {{toys toy=star model="InteL-VAE" start=0 elbo_train .2f range}} | {{toys toy=star model="InteL-VAE" start=0 log_p .2f range}} |
# | five clusters | ordinary VAE | {{toys toy=clusters model="ordinary VAE" start=0 elbo_train .2f range}} | {{toys toy=clusters model="ordinary VAE" start=0 log_p .2f range}} |
# |  | InteL-VAE | {{toys toy=clusters model="InteL-VAE" start=0 elbo_train .2f range}} | {{toys toy=clusters model="InteL-VAE" start=0 log_p .2f range}} |
#
# On the star every run of the InteL-VAE has the lower ELBO, and the higher log p(x). On the five clusters the
# ELBO sees a difference of some tenths of a nat, and log p(x) sees none. It is not so on every shape. On a
# figure eight some run of the InteL-VAE may train badly, and then it loses on both.
#
# Then at least log p(x) tells the better samples? Not that either. Take any model, and spoil it: in 99 of
# 100 cases, let it draw noise. Its density is then p'(x) = 0.01 p(x) + 0.99 noise(x) >= 0.01 p(x), so
#
# $$\log p'(x) \ge \log p(x) - \log 100 = \log p(x) - 4.6 \text{ nats}.$$
#
# For images, 4.6 nats are little. Look at the two "models" side by side. (The example is from Theis, van
# den Oord and Bethge, 2016.)

# %%
digits = presets.load("mnist01-vae")
good = digits.sample(24, seed=0)
noise = np.random.default_rng(0).integers(0, 2, size=good.shape).astype("float32")
is_noise = np.random.default_rng(1).uniform(size=24) < 0.99
spoiled = np.where(is_noise[:, None, None, None], noise, good)
log_p = presets.figures("mnist01-vae")["log_likelihood"]

figure, axes = plt.subplots(1, 2, figsize=(9, 1.9))
for ax, images, bound in zip(axes, (good, spoiled), (log_p, log_p - np.log(100))):
    plots.image_grid(images, columns=8, ax=ax)
    ax.set_title(f"log p(x) of test images: {'' if bound == log_p else '≥ '}{bound:.1f} nats")
plt.show()

# %% [markdown]
# And from left to right one pays only 4.6 nats. The other way round, a model that draws nothing but ten
# perfect images, again and again, has a terrible log p(x). Density and samples answer different questions.
# Measure both: log p(x) for the one, and samples (off the data, uncertain to a classifier, a Fréchet
# distance) for the other.

# %% [markdown]
# ## Exercise 3: nats to bits per dimension
#
# Papers on images often report **bits per dimension**: -log p(x) in bits instead of nats, divided by the
# number of values of x. Convert. A value to try: -110 nats for 784 pixels is 0.202 bits per dimension.


# %%
def my_bits(log_p, num_values):
    """Bits per dimension, for log p(x) in nats of an x with num_values values."""
    ...


my_bits = check.bits(my_bits)
print(
    f"left {my_bits(log_p, 784):.3f}, right {my_bits(log_p - np.log(100), 784):.3f} bits per dimension"
)

# %% [markdown]
# In this unit, the same 4.6 nats are 0.008. A small difference may hide a lot, in any unit.

# %% [markdown]
# ## What goes wrong
#
# IW-S is a lower bound in the mean. But with a bad q, you would need millions of samples to get near. Make
# q three times too narrow, and ask four times, with other random numbers.


# %%
def narrow_log_weights(x, num_samples, factor, seed):
    q = vae.q(x)
    q = tfd.MultivariateNormalDiag(q.mean(), factor * q.stddev())
    y = q.sample(num_samples, seed=seed)
    return log_importance_weight(package_vae, x, q, y).numpy()


print("q            IW-1000, four times                effective samples of 1000")
for factor in (1.0, 1 / 3):
    asked = [narrow_log_weights(x_test[:200], 1000, factor, seed) for seed in range(4)]
    climbs = [np.mean(my_log_mean_exp(log_weights)) for log_weights in asked]
    weights = np.exp(asked[0] - asked[0].max(axis=0))
    effective = np.median(weights.sum(axis=0) ** 2 / (weights**2).sum(axis=0))
    print(f"width x {factor:.2f}  {np.round(climbs, 2)}    {effective:.0f}")

truth = exact[:200].mean()
print(f"exact         {truth:.2f}")
assert climbs[0] < truth - 0.1 and effective < 100

# %% [markdown]
# The narrow q misses most of the true posterior. Now and then one draw lands there, and its weight dwarfs all
# others. The **effective number of samples**, (Σw)² / Σw², shows it: of a thousand, a few dozen count.
# Whenever it is small, the bound is loose, and you must not compare models by it. That the four answers agree
# is no comfort: all four miss the same tips.
#
# So a small number is an alarm. Is a large one a proof? Take y ~ N(0, 1) and x = y² + noise. From x = 2 you
# learn |y|, and never the sign: the true posterior has two equal modes. Put q on the right one, and ask again.
# With one latent, a grid gives the exact log p(x).


# %%
def log_joint(y, x=2.0, noise=0.2):
    """log p(x|y) + log p(y)."""
    return tfd.Normal(y**2, noise).log_prob(x).numpy() + tfd.Normal(0.0, 1.0).log_prob(y).numpy()


grid = np.linspace(-5, 5, 20_001).astype("float32")
exact_here = np.log(np.sum(np.exp(log_joint(grid)))) + np.log(grid[1] - grid[0])
weight = np.exp(log_joint(grid)) * (grid > 0)  # the right mode alone
centre = np.average(grid, weights=weight)
q_right = tfd.Normal(centre, np.sqrt(np.average((grid - centre) ** 2, weights=weight)))

y = q_right.sample(1000, seed=0).numpy().astype("float32")
log_w = log_joint(y) - q_right.log_prob(y).numpy()
w = np.exp(log_w - log_w.max())
effective, bound = w.sum() ** 2 / (w**2).sum(), np.log(w.mean()) + log_w.max()
print(
    f"effective samples {effective:.0f} of 1000, and IW-1000 is {exact_here - bound:.1f} nats short"
)
assert effective > 950 and 0.66 < exact_here - bound < 0.73

# %% [markdown]
# Nearly all draws count, and the bound is too low by log 2, 0.7 nats. q never looked at the other half. Draws of
# q cannot tell what q leaves out. So **a small number of effective samples means that something is wrong, and a
# large one proves nothing.** What helps is another q: a wider one, or one with several modes. If the bound
# rises, the first one had missed something.

# %% [markdown]
# ## Summary
#
# 1. The mean of the log weights is the ELBO; the log of the mean of the weights climbs from it to log
#    p(x).
# 2. The gap is KL(q(y|x) || p(y|x)), so the ELBO judges q along with the model: its family, and its encoder.
# 3. log p(x) judges density, not samples, so measure both. A small effective number of samples is an alarm
#    for the first. A large one is no proof.

# %% [markdown]
# ## An open question
#
# Train the encoder of the first column on 30, 100, 300, 1,000 and 3,000 examples. **How does the amortisation gap on
# test data fall with their number? And how large is it on the examples that the encoder was trained on?** There is
# no check for this one.
#
# <details><summary>What a good report has in it</summary>
#
# - Both gaps, on training and on test examples, over the number of examples, on logarithmic axes.
# - The family gap as a line. It depends on none of this, so it is the control.
# - Several seeds for each number, shown as points, not only their mean.
# - The same number of training *steps* for all. Or else you vary two things at once.
# - What happens to the ELBO of the training data where the two gaps part, and what one would believe who looked at it
#   alone.
# - What you did not try.
# </details>

# %% [markdown]
# ## Questions
#
# Answer each before you unfold it.
#
# <details><summary>1. A larger encoder raises your ELBO by 2 nats, and IW-1000 stays the same. What has
# become better?</summary>
#
# The encoder, and with it q: the amortisation gap has shrunk. The model of the data is as it was.
# </details>
#
# <details><summary>2. Can the ELBO of one example be above log p(x)?</summary>
#
# Its exact value cannot. An estimate from a few draws of y can, by chance.
# </details>
#
# <details><summary>3. What would a posterior with a full covariance do to the staircase?</summary>
#
# For this linear model the true posterior is a Gaussian with one. So q could be perfect, the gap 0, and
# all stairs at the same height.
# </details>
#
# <details><summary>4. Why is log p(x) of grey images with a Bernoulli likelihood not comparable with that
# of a Gaussian?</summary>
#
# The Bernoulli is a probability for x in {0, 1}; for grey values its cross-entropy is no normalised
# density. The Gaussian is a density over real numbers. Both are in nats, of different things.
# </details>
#
# <details><summary>5. Your model has the best log p(x) of all, and half of its samples are garbage. Is
# there a mistake?</summary>
#
# Not necessarily. Half garbage costs at most log 2 = 0.7 nats. Look at the samples with a measure of their
# own.
# </details>

# %% [markdown]
# ## Sources
#
# - Y. Burda, R. Grosse and R. Salakhutdinov, "Importance weighted autoencoders", ICLR 2016: the staircase.
# - L. Theis, A. van den Oord and M. Bethge, "A note on the evaluation of generative models", ICLR 2016:
#   density and samples.
# - C. Cremer, X. Li and D. Duvenaud, "Inference suboptimality in variational autoencoders", ICML 2018: the
#   family gap (there: approximation gap) and the amortisation gap.
#
# Words: [glossary](../docs/reference/glossary.md). The same in prose:
# [the VAE and the ELBO, in nats](../docs/explanation/vae.md).
#
# ## What next
#
# You can now measure a model. [Notebook 03](03_where_a_gaussian_fails.ipynb) takes data with holes and
# gaps, and shows where the Gaussian prior of every ordinary VAE must fail.
