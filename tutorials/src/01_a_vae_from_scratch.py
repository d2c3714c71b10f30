# %% [markdown]
# # Good reconstructions do not make good samples
#
# **The question.** A VAE that copies its inputs almost perfectly can still draw nothing but smudges. Why?
# And which term of its loss decides that?
#
# **You will be able to**
#
# | you can | shown by |
# |---|---|
# | go from an autoencoder to a VAE, and say what each step is for | "Three steps" |
# | write the KL divergence of a Gaussian posterior, in nats per example | exercise 1 |
# | draw from the posterior so that gradients pass through the draw, and say why not otherwise | exercise 2 |
# | give a Keras model a `test_step` that `evaluate` can use | exercise 3 |
# | say what the KL's weight does to reconstructions and to samples | the headline figure, and forty runs |
# | notice a loss that averages where it should sum | "What goes wrong" |
#
# **You need** one Keras tutorial behind you, and the Gaussian distribution. **Time:** three quarters of
# an hour to read and do, of which the computer works about two minutes on two CPU cores.

# %%
from course import start, ch01 as check

start.here()

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers, ops

from course import weights
from intelvae_keras import InteLVAE, datasets, networks, plots

keras.utils.set_random_seed(1)

# %% [markdown]
# ## The data, and the picture to keep in mind
#
# 10,000 small photographs of garments, in ten kinds: Fashion-MNIST. Each is 28 × 28 grey values between 0
# (black) and 1 (white).

# %%
(x_train, _), (x_test, kinds) = datasets.load("fashion_mnist_mini")
x_train = x_train[: start.pick(10_000, 3_000)]
print(x_train.shape, x_test.shape, x_train.min(), x_train.max())
plots.image_grid(x_test[:16], columns=8)

# %% [markdown]
# ## Three steps from an autoencoder to a VAE
#
# **Step 1: an autoencoder.** A network, the *encoder*, makes two numbers of an image: its **code**, a point of a
# plane. Another network, the *decoder*, makes an image of the code. Both are trained until the image comes back.
#
# **Step 2: noise on the code.** The decoder does not see the code, but a point near it. So points near a code
# should give nearly the same image. At least that is the idea.
#
# **Step 3: a price on codes.** A code at the distance r from 0 costs r²/2. Now codes have a reason to stay where the
# others are.
#
# All three are one small piece of Keras, with the noise and the price switched on or off. The loss says how badly
# the image comes back, as a sum over its pixels. (Section 1 has its formula, and exercise 1 says where r²/2 comes
# from.)


# %%
def badly(x, logits):
    return ops.sum(ops.softplus(logits) - x * logits, axis=(1, 2, 3))


def step(name, noise, price):
    keras.utils.set_random_seed(1)
    narrow = [layers.Dense(width, activation="relu") for width in (256, 128)]
    wide = [layers.Dense(width, activation="relu") for width in (128, 256)]
    price = keras.regularizers.L2(price)  # price x r^2, in the mean over the batch
    encoder = [layers.Flatten(), *narrow, layers.Dense(2, activity_regularizer=price)]
    decoder = [*wide, layers.Dense(784), layers.Reshape((28, 28, 1))]
    parts = [keras.Sequential(encoder), layers.GaussianNoise(noise), keras.Sequential(decoder)]
    model = keras.Sequential(parts)
    model.compile(optimizer=keras.optimizers.Adam(2e-3), loss=badly)
    epochs, bar = start.pick(6, 3), start.Bar(name)
    model.fit(x_train, x_train, batch_size=128, epochs=epochs, verbose=0, callbacks=[bar])
    return parts[0], lambda y: ops.sigmoid(parts[2](y)).numpy()


steps = {
    "1. autoencoder": step("1. autoencoder", 0, 0),
    "2. with noise": step("2. with noise", 0.1, 0),
    "3. and a price": step("3. and a price", 0.1, 0.5),
}

# %% [markdown]
# Look at the plane of each: above, the codes of test images, one colour for each kind of garment, and a circle of
# radius 2. Below, new images. For them, take points near 0, drawn from the Gaussian N(0, 1) in each direction, of
# which the circle holds 86%.


# %%
def in_a_row(images):
    return np.concatenate(list(images[..., 0]), axis=1)  # (N, 28, 28, 1) to (28, 28 N)


turn = np.linspace(0, 2 * np.pi, 200)
points = np.random.default_rng(2).normal(size=(12, 2)).astype("float32")
names = "T-shirt trousers pullover dress coat sandal shirt sneaker bag boot".split()
codes = {name: encoder.predict(x_test, verbose=0) for name, (encoder, _) in steps.items()}

# %%
figure, axes = plt.subplots(2, 3, figsize=(7.8, 3.8), height_ratios=(3, 1))
for (above, below), (name, (_, decode)) in zip(axes.T, steps.items()):
    for kind in range(10):
        some = codes[name][kinds == kind][::6]
        above.scatter(*some.T, s=4, linewidths=0, color=f"C{kind}", label=names[kind])
    above.plot(2 * np.cos(turn), 2 * np.sin(turn), color="black")
    above.set(title=f"{name}: spread {codes[name].std():.1f}")
    above.set_aspect("equal", adjustable="datalim")
    images = decode(points)
    rows = np.concatenate([in_a_row(images[:6]), in_a_row(images[6:])])
    below.imshow(rows, cmap="gray", vmin=0, vmax=1)
    below.set(xticks=[], yticks=[])
axes[0, 2].legend(loc="upper left", bbox_to_anchor=(1, 1), markerscale=3, labelspacing=0.2)
axes[1, 0].set_ylabel("new images")
plt.show()

# %%
spreads = [codes[name].std() for name in steps]
assert spreads[0] > 2 and spreads[1] > spreads[2] and spreads[2] < 2

# %% [markdown]
# - The **autoencoder** puts its codes anywhere. A new point near 0 falls between them, where the decoder has learned
#   little.
# - **Noise alone does not help.** The encoder moves its codes further apart, until noise of 0.1 hardly matters. Look
#   at the spread.
# - With **noise and a price**, codes sit close together, around 0. Points near 0 now have codes all around them, and
#   the new images are garments, if blurred ones.
#
# This third model *is* a VAE, of a simple kind: the width of its noise is the same for all images. A full VAE lets
# the encoder choose the width, too. Walk through its plane from a shoe to a shirt, in a straight line, and through
# the plane of the autoencoder.

# %%
figure, axes = plt.subplots(3, 1, figsize=(7.8, 2.4))
begin, end = np.flatnonzero(kinds == 7)[0], np.flatnonzero(kinds == 6)[0]
for ax, (name, (_, decode)) in zip(axes, steps.items()):
    part = np.linspace(0, 1, 10)[:, None].astype("float32")
    line = (1 - part) * codes[name][begin] + part * codes[name][end]
    ax.imshow(in_a_row(decode(line)), cmap="gray", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])
    ax.set_ylabel(name, rotation=0, ha="right", va="center")
plt.show()

# %% [markdown]
# None of them knows a garment half way between a shoe and a shirt, and a straight line has to cross over somewhere.
# The autoencoder turns nearly black in the middle, and the third model fades, too. The second does not: in its plane,
# boots and bags happen to lie on the way. What lies *between* kinds is a question of its own, for
# [notebook 03](03_where_a_gaussian_fails.ipynb).
#
# Here is a map of the third model's plane: what the decoder draws at each place. From one place to the next lie 12% of
# N(0, 1), in each direction. So steps are small in the middle, where codes are many. Compare it with the colours above.

# %%
places = np.round(np.sqrt(2) * ops.erfinv(np.linspace(-0.96, 0.96, 9)).numpy(), 3)
plane = np.array([(a, b) for b in places[::-1] for a in places], "float32")
tiles = steps["3. and a price"][1](plane).reshape(9, 9, 28, 28)
figure, ax = plt.subplots(figsize=(3.8, 3.8))
ax.imshow(tiles.transpose(0, 2, 1, 3).reshape(252, 252), cmap="gray")
ticks = [0, 2, 4, 6, 8]
ax.set_xticks([28 * t + 14 for t in ticks], [f"{0 + places[t]:.1f}" for t in ticks])
ax.set_yticks([28 * t + 14 for t in ticks], [f"{0 - places[t]:.1f}" for t in ticks])
ax.set(xlabel="$y_1$", ylabel="$y_2$", title="a map of the plane of codes")
plt.show()

# %% [markdown]
# ## The VAE
#
# A **variational autoencoder** (VAE) has two networks, and works in two directions.
#
# ```
#   training     x ──► encoder ──► q(y|x) = N(mu, sigma²) ──► draw y ──► decoder ──► p(x|y)
#
#   drawing new images                           y ~ p(y) = N(0, I) ──► decoder ──► p(x|y)
# ```
#
# - `x` is an image. `y` is its **latent** code, here 8 numbers.
# - `q(y|x)`, the **posterior**, is the encoder's answer: not one code but a Gaussian, with mean mu and
#   standard deviation sigma for each latent.
# - `p(y) = N(0, I)`, the **prior**, is where codes of new images are drawn from: each latent from N(0, 1), by itself.
# - `p(x|y)`, the **likelihood**, is the decoder's answer: for each pixel the probability that it is white.
#
# Look at the two lines again. In training, the decoder sees codes from `q(y|x)`. When you draw new images,
# it sees codes from `p(y)`. Nobody has told it that these are alike. That is the job of one term of the
# loss.

# %% [markdown]
# ## Predict
#
# That term is the **KL divergence**. It measures how far `q(y|x)` is from `p(y)`: 0 if they are equal, and
# more the further they are apart. We will train the same VAE four times. Only one number differs: the weight
# of the KL divergence in the loss, 0, 0.01, 0.1 or 1. (Papers call it beta.) The model with weight 0
# reconstructs test images best.
#
# Which one will draw the best *new* images?
#
# - **A.** Weight 0. Who copies best has learned the garments best.
# - **B.** Weight 0.01 or 0.1. A little order helps, as in step 3, and too much harms.
# - **C.** Weight 1, although its reconstructions are the worst of the four.
# - **D.** All the same. It is the same decoder.
#
# Write down a letter and one reason, before you read on.

# %% [markdown]
# ## 1. The loss: two terms, in nats
#
# What we would like to raise is log p(x), the log-probability of the data. It cannot be computed. What can
# be computed is a lower bound of it, the **ELBO** (evidence lower bound). E is the mean over draws of y from q(y|x):
#
# $$\text{ELBO}(x) = E_{q(y|x)}[\log p(x|y)] - \text{KL}\big(q(y|x)\,\|\,p(y)\big)$$
#
# The first term asks: does the decoder find x again from a code drawn from the posterior? The second term
# asks: how far is the posterior from the prior? Both are in **nats**, the unit of the natural logarithm.
# Both are *sums over pixels or latents*, one number per image. Only then we take the *mean over the
# batch*. This rule looks like a detail. You will see below what happens when it is broken.
#
# Start with the first term. Each pixel is a Bernoulli variable: it is white with some probability. The
# decoder gives this probability as a **logit** l, any number, from which a sigmoid makes the probability.
# Then log p(x|y) = sum over pixels of x l - log(1 + exp(l)). Keras calls log(1 + exp(l)) `softplus`. (For
# grey pixels, between 0 and 1, this is the customary cross-entropy, and not the logarithm of a probability.
# Models with the same likelihood can still be compared.)


# %%
def log_likelihood(x, logits):
    """log p(x|y) in nats, summed over the pixels: shape (batch,)."""
    per_pixel = x * logits - ops.softplus(logits)
    return ops.sum(per_pixel, axis=(1, 2, 3))


no_idea = log_likelihood(x_test[:3], tf.zeros((3, 28, 28, 1)))
print("A decoder that says 1/2 for every pixel:", no_idea.numpy(), "nats")
assert np.allclose(no_idea, 784 * np.log(0.5))

# %% [markdown]
# ## Exercise 1: the KL divergence
#
# For one latent, the KL divergence from N(mu, sigma²) to N(0, 1) is
#
# $$\text{KL} = \tfrac12\,(\sigma^2 + \mu^2 - 1 - \log \sigma^2).$$
#
# The latents are independent, so the KL of all of them is the **sum**. The encoder gives `mean` and
# `log_variance` = log sigma², both of shape (batch, M), with M the number of latents. Write a function that
# returns the KL for each example, shape (batch,). A value to try: for N(1, 0.5²) it is 0.818 nats.
#
# (Step 3 is in it: with the same sigma for all images, only mu²/2 of each latent is left to choose. That is r²/2.)


# %%
def my_kl(mean, log_variance):
    """KL(q(y|x) || N(0, I)) in nats, summed over the latents: shape (batch,)."""
    ...


my_kl = check.kl(my_kl)

# %% [markdown]
# Stuck? `check.hint("kl")` gives one hint after another, and `check.solution("kl")` the tested solution.
# While you have no right answer, the cells below use the solution. So you can run them all in any case.

# %% [markdown]
# ## Exercise 2: a draw that lets gradients through
#
# Training needs a y drawn from N(mu, sigma²), and the gradient of the loss with respect to mu and sigma. A
# random generator has no gradient. The way out is the **reparameterisation trick**: draw noise e from N(0,
# 1), which depends on nothing, and compute
#
# $$y = \mu + \sigma e.$$
#
# Write it, with new noise for every example and latent. Take care: you are given log sigma², and need
# sigma.


# %%
def my_draw(mean, log_variance):
    """One draw of y ~ N(mean, exp(log_variance)) for each example: shape (batch, M)."""
    ...


my_draw = check.draw(my_draw)

# %% [markdown]
# ## Why the trick?
#
# Is there no other way to a gradient? There is. The **score function** estimator needs no trick:
#
# $$\nabla_{\mu} E_q[f(y)] = E_q\big[f(y)\, \nabla_{\mu} \log q(y)\big].$$
#
# It needs values of f at draws of y, and not even a derivative of f. The trick needs the derivative, and follows it
# through the draw. Both are right in the mean. Compare them where the exact gradient is known: f(y) = -½ Σ (y_j - 2)²
# and q = N(0, I). Moving a mean by a little raises E f by exactly 2 times as much.


# %%
def f(y):
    return -0.5 * ops.sum((y - 2) ** 2, axis=-1)


def two_gradients(latents, draws=20_000):
    """From each draw: the gradient for the first mean, by the score function and by the trick."""
    mean, log_variance = tf.zeros((draws, latents)), tf.zeros((draws, latents))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(mean)
        y = my_draw(mean, log_variance)
        value = f(y)
        log_q = -0.5 * ops.sum((tf.stop_gradient(y) - mean) ** 2, axis=-1)
    score = value * tape.gradient(log_q, mean)[:, 0]
    return score.numpy(), tape.gradient(value, mean)[:, 0].numpy()


variances, numbers_of_latents = [], (1, 2, 4, 8, 16, 32, 64)
print("latents   score function              the trick                 (exact: 2)")
for latents in numbers_of_latents:
    both = two_gradients(latents)
    variances.append([gradients.var() for gradients in both])
    shown = [f"{g.mean():6.2f}, variance {g.var():9.1f}" for g in both]
    print(f"{latents:7d}   {shown[0]}   {shown[1]}")
    assert all(abs(g.mean() - 2) < 5 * g.std() / len(g) ** 0.5 for g in both)

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
score, trick = two_gradients(8)
bins = np.linspace(-150, 150, 101)
left.hist(score, bins, density=True, color="#ffa90e", label="score function")
left.hist(trick, bins, density=True, color="#3f90da", label="the trick")
left.axvline(2, color="black", linewidth=1, label="exact")
left.set(yscale="log", xlabel="gradient from one draw, 8 latents", ylabel="density")
left.legend()
right.loglog(numbers_of_latents, variances, "o-", label=["score function", "the trick"])
for line, colour in zip(right.lines, ("#ffa90e", "#3f90da")):
    line.set_color(colour)
right.set(xlabel="number of latents", ylabel="variance of one draw")
right.legend()
plt.show()
assert variances[3][0] > 100 * variances[3][1] and variances[6][0] > 10 * variances[3][0]

# %% [markdown]
# Both have the mean 2. But with 8 latents, one draw of the score function may say -100 or 100, and its variance is
# several hundred times that of the trick. You would need as many times more draws for the same precision, and it gets
# worse with each latent. The reason: a value of f says how good the draw was as a whole, and not which latent did
# it. The derivative says it for each latent.
#
# So VAEs use the trick wherever f has a derivative. The score function is for what has none, such as latents that
# are whole numbers.

# %% [markdown]
# ## 2. The two networks
#
# The encoder gives 2 × 8 numbers: 8 means and 8 log-variances. The decoder gives one logit for each pixel.
# It has no sigmoid at its end, because `log_likelihood` takes logits.

# %%
LATENT_DIM = 8


def new_encoder():
    hidden = [layers.Dense(width, activation="relu") for width in (256, 128)]
    return keras.Sequential([layers.Flatten(), *hidden, layers.Dense(2 * LATENT_DIM)])


def new_decoder():
    hidden = [layers.Dense(width, activation="relu") for width in (128, 256)]
    return keras.Sequential([*hidden, layers.Dense(784), layers.Reshape((28, 28, 1))])


# %% [markdown]
# ## 3. The model
#
# `terms` is the ELBO, read from left to right: encode, draw, decode, compare. `report` keeps running
# means, so that what Keras prints is the mean over all examples of an epoch, not over the last batch.


# %%
class VAETerms(keras.Model):
    def __init__(self, kl_weight=1.0):
        super().__init__()
        self.encoder, self.decoder, self.kl_weight = new_encoder(), new_decoder(), kl_weight
        self.means = {name: keras.metrics.Mean(name) for name in ("elbo", "reconstruction", "kl")}

    def terms(self, x):
        mean, log_variance = ops.split(self.encoder(x), 2, axis=-1)
        y = my_draw(mean, log_variance)
        return -log_likelihood(x, self.decoder(y)), my_kl(mean, log_variance)

    def report(self, reconstruction, kl):
        self.means["elbo"].update_state(-(reconstruction + kl))
        self.means["reconstruction"].update_state(reconstruction)
        self.means["kl"].update_state(kl)
        return {name: mean.result() for name, mean in self.means.items()}

    @property
    def metrics(self):  # Keras resets these at the start of each epoch
        return list(self.means.values())


# %% [markdown]
# `train_step` is what Keras calls for each batch. The loss is the mean over the batch of -log p(x|y) plus
# the weighted KL. With `kl_weight=1` it is minus the ELBO. The ELBO that we report has weight 1 in any
# case.


# %%
class VAETraining(VAETerms):
    def train_step(self, data):
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            reconstruction, kl = self.terms(x)
            loss = ops.mean(reconstruction + self.kl_weight * kl)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        return self.report(reconstruction, kl)


# %% [markdown]
# ## Exercise 3: `test_step`
#
# `fit` calls `train_step`. But `evaluate`, and the validation inside `fit`, call `test_step`. A model with
# the first and without the second trains well, and fails, or reports nothing, when you evaluate it. This
# gap is common.
#
# Write `test_step`: the same terms, without tape and optimizer. It returns what `self.report` returns.


# %%
def my_test_step(self, data):
    """The ELBO of a batch, without a step of training."""
    ...


my_test_step = check.test_step(my_test_step)


class VAE(VAETraining):
    test_step = my_test_step


# %% [markdown]
# ## 4. Train it four times
#
# First the honest VAE, with weight 1. All four start from the same random weights.


# %%
EPOCHS = start.pick(8, 3)


def train(kl_weight, model_class=VAE, epochs=EPOCHS):
    keras.utils.set_random_seed(1)
    vae = model_class(kl_weight)
    vae.compile(optimizer=keras.optimizers.Adam(2e-3))
    bar = start.Bar(f"KL weight {kl_weight:g}")
    vae.fit(x_train, epochs=epochs, batch_size=128, verbose=0, callbacks=[bar])
    return vae


vaes = {1: train(1)}
vaes[1].evaluate(x_test, verbose=0, return_dict=True)

# %% [markdown]
# Now the other three, each in about the same time.

# %%
for kl_weight in (0.1, 0.01, 0):
    vaes[kl_weight] = train(kl_weight)

# %%
results = {w: vaes[w].evaluate(x_test, verbose=0, return_dict=True) for w in sorted(vaes)}
print("KL weight   -log p(x|y)      KL     ELBO    (nats per test image)")
for w, r in results.items():
    print(f"{w:9g} {r['reconstruction']:13.1f} {r['kl']:7.1f} {r['elbo']:8.1f}")

assert results[0]["reconstruction"] < results[1]["reconstruction"] - 3
assert results[0]["elbo"] < results[0.1]["elbo"] < results[1]["elbo"]
assert 5 < results[1]["kl"] < 16 and results[0]["kl"] > 60

# %% [markdown]
# ## The headline figure
#
# On the left, test images and their reconstructions. On the right, new images: y drawn from N(0, I), then
# decoded. Each row is one of the four models.


# %%
def reconstruct(vae, x):
    mean, _ = ops.split(vae.encoder(x), 2, axis=-1)
    return ops.sigmoid(vae.decoder(mean)).numpy()


y_new = np.random.default_rng(1).normal(size=(7, LATENT_DIM)).astype("float32")
rows = [("test images", x_test[8:15], None)]
for w in sorted(vaes):
    drawn = ops.sigmoid(vaes[w].decoder(y_new)).numpy()
    name = f"KL weight {w:g}\nKL = {results[w]['kl']:.0f} nats"
    rows.append((name, reconstruct(vaes[w], x_test[8:15]), drawn))

# %%
figure, axes = plt.subplots(5, 2, figsize=(8.6, 3.6))
for (name, left, right), (ax_left, ax_right) in zip(rows, axes):
    ax_left.imshow(in_a_row(left), cmap="gray", vmin=0, vmax=1)
    ax_left.set_ylabel(name, rotation=0, ha="right", va="center")
    if right is not None:
        ax_right.imshow(in_a_row(right), cmap="gray", vmin=0, vmax=1)
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
axes[1, 0].set_title("reconstructions: nearly alike")
axes[1, 1].set_title("new images: clear garments only at weight 1")
plt.show()

# %% [markdown]
# **C is right.** The left half hardly changes from row to row. (The fourth image, a sandal, becomes a shoe in
# each of them: eight numbers are few.) The right half goes from smudges to garments. At weight 0.1 some
# shapes begin to show, but only weight 1 gives clear garments. And not every image of its row is good: a dark
# smudge is left among them.
#
# Without the KL, the encoder may put its codes anywhere, and it does: far apart, each with a tiny sigma, so
# that no two images are confused. The KL column of the table says how far: nats away from the prior. Almost
# no code drawn from N(0, I) falls where the decoder has ever been.
#
# A small weight helps little: its row still has a large KL. With the full KL, codes must lie where N(0, I)
# has its mass. So the decoder gets to know that region, at the price of somewhat blurred copies.
#
# Here you see it. The codes of test images in two of the eight latents, beside the prior's circle of two
# standard deviations, which holds 86% of its mass. Mind the scales of the axes: both circles have radius 2.
# Some codes of the left panel lie inside of the circle. But these are two latents of eight, and a code is
# far from the prior if it is far out in any one of them.

# %%
figure, axes = plt.subplots(1, 2, figsize=(8, 3.2))
for ax, w in zip(axes, (0, 1)):
    mean, log_variance = ops.split(vaes[w].encoder(x_test), 2, axis=-1)
    y = my_draw(mean, log_variance).numpy()
    first, second = np.argsort(mean.numpy().std(axis=0))[-2:]  # the two that vary most
    ax.scatter(y[:, first], y[:, second], s=3, linewidths=0)
    ax.plot(2 * np.cos(turn), 2 * np.sin(turn), color="black")
    ax.set(title=f"KL weight {w}", aspect="equal", xlabel=f"$y_{first + 1}$")
    ax.set_ylabel(f"$y_{second + 1}$")
plt.show()

# %% [markdown]
# ## A number that decides, over forty runs
#
# Your eye may be wrong, and one run may be luck. So measure, and repeat. The **Fréchet distance** compares two sets
# of images: fit a Gaussian to features of each, and take the distance of the two Gaussians. Small is good. Our
# features are simple: the 50 directions in which training images vary most (PCA). The figure has five seeds for each
# of eight weights, trained by `benchmarks/kl_weight.py`.

# %%
runs, data = weights.runs(), weights.of_the_data()
figure, axes = plt.subplots(1, 2, figsize=(9.4, 3.2))
for ax, name in zip(axes, ("frechet", "elbo")):
    for place, results_of_seeds in enumerate(runs.values()):
        values = [result[name] for result in results_of_seeds]
        ax.plot([place] * len(values), values, "o", color="#3f90da", alpha=0.7)
    ax.set_xticks(range(len(runs)), [f"{weight:g}" for weight in runs])
    ax.set(xlabel="weight of the KL")
axes[0].axhline(data, color="#bd1f01")
axes[0].text(0, data + 1.5, "test images in place of samples", color="#bd1f01")
axes[0].set(ylim=0, ylabel="Fréchet distance of samples", title="samples (low is good)")
axes[1].set(ylabel="nats per test image", title="ELBO, with the whole KL (high is good)")
plt.show()

by_weight = {weight: np.mean([r["frechet"] for r in those]) for weight, those in runs.items()}
assert by_weight[0] > by_weight[0.01] > by_weight[0.1] > 2 * by_weight[1]

# %% [markdown]
# Of the four weights of the prediction, 1 is the best by far, in each seed:
#
# | weight of the KL | Fréchet distance | -log p(x\|y), nats |
# |---|---|---|
# | 0 | {{weight:kl_weight weight=0 frechet .1f}} | {{weight:kl_weight weight=0 reconstruction .1f}} |
# | 0.01 | {{weight:kl_weight weight=0.01 frechet .1f}} | {{weight:kl_weight weight=0.01 reconstruction .1f}} |
# | 0.1 | {{weight:kl_weight weight=0.1 frechet .1f}} | {{weight:kl_weight weight=0.1 reconstruction .1f}} |
# | 1 | {{weight:kl_weight weight=1 frechet .1f}} | {{weight:kl_weight weight=1 reconstruction .1f}} |
# | (test images in place of samples) | {{weight:kl_weight weight=None frechet .1f}} | |
#
# **±**, here and everywhere in this course, is half of the 95% interval of the mean over seeds.
#
# Above 1, the distance is lower still. It is {{weight:kl_weight weight=3 frechet .1f}} at the weight 3, and
# {{weight:kl_weight weight=10 frechet .1f}} at 10. But the ELBO falls. These features see the large shapes of an
# image, and no detail. A model that draws few kinds of blurred shapes may do well by them.
#
# Look for yourself: the slider below has one decoder for each weight. Choose a weight, and then use the arrow keys.
# Above are copies of test images, below new ones, from the same codes y for all weights.

# %%
weights.Slider()

# %% [markdown]
# ## 5. The same with the package
#
# `InteLVAE` with `mapping=None` is this VAE. Its encoder ends before the 16 numbers, which a posterior
# layer of its own adds. We need neither `train_step` nor `test_step` any more.

# %%
package_vae = InteLVAE(
    latent_dim=LATENT_DIM,
    encoder=keras.Sequential(new_encoder().layers[:-1]),
    decoder=new_decoder(),
    likelihood="bernoulli",
)
package_vae.compile(optimizer=keras.optimizers.Adam(2e-3))
bar = start.Bar("InteLVAE")
package_vae.fit(x_train, epochs=EPOCHS, batch_size=128, verbose=0, callbacks=[bar])
package_result = package_vae.evaluate(x_test, verbose=0, return_dict=True)
print({name: round(value, 1) for name, value in package_result.items()})
assert abs(package_result["elbo"] - results[1]["elbo"]) < start.pick(4, 15)

# %% [markdown]
# **Play.** In a new cell, `package_vae.explore(x=x_test)` opens this decoder under your finger: move each of the eight
# latents, and see the image change. ([Explorer](../docs/reference/explorer.md))
#
# Dense layers do not know that pixels have neighbours. Convolutions do. The package has a pair of networks for small
# images, and nothing else has to change. (This training also has a higher learning rate, 3e-3 in place of 2e-3. So the
# gain need not be that of convolutions alone.)

# %%
conv_vae = InteLVAE(
    latent_dim=LATENT_DIM,
    encoder=networks.conv_encoder(),
    decoder=networks.conv_decoder((28, 28, 1)),
    likelihood="bernoulli",
)
conv_vae.compile(optimizer=keras.optimizers.Adam(3e-3))
conv_vae.fit(
    x_train, epochs=EPOCHS, batch_size=128, verbose=0, callbacks=[start.Bar("convolutions")]
)
conv_result = conv_vae.evaluate(x_test, verbose=0, return_dict=True)
print(f"ELBO, dense {package_result['elbo']:.1f}, convolutions {conv_result['elbo']:.1f} nats")
assert conv_result["elbo"] > package_result["elbo"]
plots.image_grid(conv_vae.sample(8, seed=1), columns=8)

# %% [markdown]
# Are the terms really the same? Take the package's posterior for 100 test images, and compute both terms
# with your functions and with the package's.

# %%
q = package_vae.posterior(x_test[:100])
mean, log_variance = q.mean(), 2 * ops.log(q.stddev())
theirs = package_vae.prior.kl_divergence(q, mean)
assert np.allclose(my_kl(mean, log_variance), theirs, rtol=1e-4)

logits = package_vae.decoder(mean)
theirs = package_vae.likelihood.log_prob(x_test[:100], logits)
assert np.allclose(log_likelihood(x_test[:100], logits), theirs, rtol=1e-5)
print("Both terms agree to float precision.")


# %% [markdown]
# ## What goes wrong
#
# Many loss functions of Keras *average*: over pixels, over latents. A VAE whose terms are averaged trains
# without any error. It is another model. See what happens when log p(x|y) is averaged over the 784 pixels,
# and the KL is summed as before.


# %%
class AveragedVAE(VAE):
    def terms(self, x):
        reconstruction, kl = super().terms(x)
        return reconstruction / 784, kl  # the mean over pixels: looks harmless


averaged = train(1, AveragedVAE, epochs=4)
r = averaged.evaluate(x_test, verbose=0, return_dict=True)
print(f"-log p(x|y) per pixel {r['reconstruction']:.3f}, KL {r['kl']:.4f} nats")
assert r["kl"] < 0.05

both = np.concatenate([reconstruct(averaged, x_test[8:16]), ops.sigmoid(averaged.decoder(y_new))])
plots.image_grid(both[:8], columns=8)

# %% [markdown]
# These are *reconstructions* of eight different garments. All are the same picture.
#
# Dividing one term by 784 is the same as giving the KL the weight 784. Against that, no pixel is worth a
# nat. The encoder gives up: q(y|x) = N(0, I) for every x, KL = 0. This is **posterior collapse**. The
# decoder sees pure noise, and paints the average garment.
#
# You notice it by the KL. A VAE whose `kl` is near 0 nats sends no message through its latents. The
# opposite mistake, the KL averaged over M latents, is a weight of 1/M. It is harder to notice: the
# reconstructions get *better*. With 8 latents the weight is 1/8, near the row "KL weight 0.1" of the
# headline figure.

# %% [markdown]
# ## Summary
#
# 1. The ELBO has two terms, in nats: how well the decoder finds x again, and how far the posterior is from
#    the prior.
# 2. Reconstructions test codes from the posterior, samples test codes from the prior; only the KL makes
#    them alike.
# 3. Sum over pixels and latents, average over the batch, and write a `test_step`: else you train another
#    model, or measure nothing.

# %% [markdown]
# ## An open question
#
# The figure of forty runs leaves something open. At weight 3 the Fréchet distance is better than at weight 1, and the
# ELBO is worse.
# **Are the samples at weight 3 better than at weight 1, or does the measure not see what is wrong with them?** There
# is no check for this one. `InteLVAE` takes the weight as `beta`, and `metrics.frechet_distance` and
# `metrics.load_features` are yours to use.
#
# <details><summary>What a good report has in it</summary>
#
# - One sentence on what "better" shall mean, written before looking.
# - A second measure that sees what the first does not. It may use features of a classifier in place of PCA. It may
#   compare the kinds of garments among samples with those of the data, or ask how much samples vary.
# - Each measure tried on images of which the answer is known: test images, test images that are blurred, ten test
#   images again and again.
# - Several seeds for each weight, each shown.
# - The conclusion that the numbers allow, also if it is "these two measures disagree". And what you did not try.
# </details>

# %% [markdown]
# ## Questions
#
# Answer each before you unfold it.
#
# <details><summary>1. Your VAE's reconstructions are sharp, and its samples are noise. Which number do you
# look at first?</summary>
#
# The KL. If it is large (a hundred nats for eight latents), the posterior is far from the prior, and the
# decoder knows nothing about codes from N(0, I). Is the KL averaged somewhere, or its weight far below 1?
# </details>
#
# <details><summary>2. Why is there no gradient through <code>np.random.normal(mean,
# sigma)</code>?</summary>
#
# NumPy returns plain numbers. TensorFlow does not know how they depend on mean and sigma. In mu + sigma e,
# it does: the derivative is 1 for mu, and e for sigma.
# </details>
#
# <details><summary>3. You double the number of latents, and the mean KL per image hardly grows. What has
# happened?</summary>
#
# The new latents are not used: for them q(y|x) = N(0, 1), which costs 0 nats. A latent costs nats only if
# it carries something about x.
# </details>
#
# <details><summary>4. The loss of the model with weight 0 is the lowest of all four. Is it the best
# model?</summary>
#
# No. Losses with different weights cannot be compared. The ELBO, with weight 1, can: the table gives this
# model the lowest.
# </details>
#
# <details><summary>5. Must a batch of 256 have twice the loss of a batch of 128?</summary>
#
# No. Over the batch one takes the mean, so the loss is per example. Summing over the batch would change
# the size of the gradient with the size of the batch.
# </details>

# %% [markdown]
# ## Sources
#
# - D. P. Kingma and M. Welling, "Auto-encoding variational Bayes", ICLR 2014: the ELBO and the trick of
#   exercise 2.
# - I. Higgins et al., "beta-VAE", ICLR 2017: the KL's weight as a setting of its own.
# - S. Mohamed et al., "Monte Carlo gradient estimation in machine learning", JMLR 2020: both gradients, and more.
# - H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST", 2017: the data.
#
# Words: [glossary](../docs/reference/glossary.md). Your own images: [how-to](../docs/how-to/images.md).
#
# ## What next
#
# The table ranks models by their ELBO. But the ELBO is only a bound of log p(x). What lies between the two? With one
# latent you can see it: [notebook 01b](01b_one_latent_on_a_grid.ipynb).
# [Notebook 02](02_what_the_elbo_knows.ipynb) then measures it, and asks what either number knows about samples.
