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
# | write the KL divergence of a Gaussian posterior, in nats per example | exercise 1 |
# | draw from the posterior so that gradients pass through the draw | exercise 2 |
# | give a Keras model a `test_step` that `evaluate` can use | exercise 3 |
# | say what the KL's weight does to reconstructions and to samples | the headline figure |
# | notice a loss that averages where it should sum | "What goes wrong" |
#
# **You need** one Keras tutorial behind you, and the Gaussian distribution. **Time:** half an hour to read
# and do, of which the computer works about a minute on two CPU cores.

# %%
from course import start, ch01 as check

start.here()

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers, ops

from intelvae_keras import InteLVAE, datasets, plots

keras.utils.set_random_seed(1)

# %% [markdown]
# ## The data, and the picture to keep in mind
#
# 10,000 small photographs of garments, in ten kinds: Fashion-MNIST. Each is 28 × 28 grey values between 0
# (black) and 1 (white).

# %%
(x_train, _), (x_test, _) = datasets.load("fashion_mnist_mini")
x_train = x_train[: start.pick(10_000, 3_000)]
print(x_train.shape, x_test.shape, x_train.min(), x_train.max())
plots.image_grid(x_test[:16], columns=8)

# %% [markdown]
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
# - `p(y) = N(0, I)`, the **prior**, is where codes of new images are drawn from.
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
# - **B.** Weight 0.01 or 0.1. A little order helps, too much harms.
# - **C.** Weight 1, although its reconstructions are the worst of the four.
# - **D.** All the same. It is the same decoder.
#
# Write down a letter and one reason, before you read on.

# %% [markdown]
# ## 1. The loss: two terms, in nats
#
# What we would like to raise is log p(x), the log-probability of the data. It cannot be computed. What can
# be computed is a lower bound of it, the **ELBO** (evidence lower bound):
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
def in_a_row(images):
    return np.concatenate(list(images[..., 0]), axis=1)  # (N, 28, 28, 1) to (28, 28 N)


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
figure, axes = plt.subplots(5, 2, figsize=(9.6, 3.9))
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
turn = np.linspace(0, 2 * np.pi, 200)
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
# - H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST", 2017: the data.
#
# ## What next
#
# The table ranks models by their ELBO. But the ELBO is only a bound. How far is it from log p(x), and what
# does it know about the samples that you see? [Notebook 02](02_what_the_elbo_knows.ipynb) finds out, with
# a model whose log p(x) is known exactly.
