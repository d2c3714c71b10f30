# %% [markdown]
# # A learned prior goes wherever the codes are
#
# **The question.** The strays of notebook 03 come from a mismatch: N(0, I) puts mass where no data have their
# codes. Why not learn the prior, so that it has its mass where the codes are? Does that settle the matter?
#
# **You will be able to**
#
# | you can | shown by |
# |---|---|
# | draw from the **aggregate posterior**, which the prior has to match | exercise 1 |
# | say by one number, the **AUC**, whether it does | exercise 2 |
# | estimate a KL that has no formula | exercise 3 |
# | say what a learned prior wins, and what it cannot give | the headline figure |
#
# **You need** notebooks 01 to 03. **Time:** half an hour to read and do, of which the computer works about
# a minute on two CPU cores.
#
# **Beside it:** the [glossary](../docs/reference/glossary.md) for words, and the how-to
# [Which mapping](../docs/how-to/which-mapping.md), whose third question is "structure, or density?". Everywhere, ± is
# half of the 95% interval of a mean over seeds.

# %%
from course import start, ch04 as check

start.here()

# %%
import math

import keras
import matplotlib.pyplot as plt
import numpy as np
from course import strips
from keras import ops
from tensorflow_probability import distributions as tfd

from intelvae_keras import (
    InteLVAE,
    callbacks,
    datasets,
    likelihoods,
    metrics,
    networks,
    plots,
    presets,
    priors,
)

GREY, BLUE, ORANGE, RED = "#c9ced4", *plots.PALETTE[:3]

# %% [markdown]
# ## The data, and an ordinary VAE
#
# Points on a circle, with a little noise. The model and its training are those of notebook 03. Only one
# argument is new, the prior p(y): `prior=None` means N(0, I).

# %%
(x_train, _), (x_test, _) = datasets.load("circle", num_train=20_000, seed=0)
(x_fresh, _), _ = datasets.load("circle", num_train=50_000, seed=1)

EPOCHS, BATCH = start.pick(50, 15), 256
STEPS = EPOCHS * -(-len(x_train) // BATCH)


def new_vae(prior=None):
    keras.utils.set_random_seed(0)
    vae = InteLVAE(
        latent_dim=2,
        encoder=networks.mlp_encoder([64, 64]),
        decoder=networks.mlp_decoder((2,), [64, 64]),
        likelihood=likelihoods.Gaussian(scale="learned", initial_scale=0.5),
        posterior="full",
        prior=prior,
        seed=0,
    )
    rate = keras.optimizers.schedules.CosineDecay(3e-3, STEPS, alpha=0.03)
    vae.compile(keras.optimizers.Adam(rate, global_clipnorm=5.0))
    return vae


# %%
def train(name, vae):
    during = [callbacks.KLWarmup(steps=0.4 * STEPS), start.Bar(name)]
    vae.fit(x_train, epochs=EPOCHS, batch_size=BATCH, callbacks=during, verbose=0)
    return vae


ordinary = train("N(0, I)", new_vae())

# %% [markdown]
# ## Exercise 1: the aggregate posterior
#
# Where do the codes of the data lie, all taken together? Their distribution is the **aggregate posterior**,
# the mean of all posteriors:
#
# $$q(y) = \frac1N \sum_n q(y|x_n).$$
#
# To draw N codes from it, draw one y from each of the N posteriors. Write this. You are given `q`, one object
# that holds the posteriors of N examples. It has a method `q.sample()`. If you prefer to draw by hand, it has
# `q.mean()`, shape (N, M), and `q.covariance()`, shape (N, M, M).


# %%
def my_codes(q):
    """One draw of y from each posterior q(y|x_n): shape (N, M)."""
    ...


my_codes = check.codes(my_codes)

# %% [markdown]
# Here they are, beside draws from the prior.

# %%
codes = np.asarray(my_codes(ordinary.posterior(x_train[:10_000])))
drawn = ordinary.sample_latents(10_000, seed=0)

figure, ax = plt.subplots(figsize=(4.6, 3.6))
ax.scatter(*drawn[:3000].T, s=3, color=GREY, linewidths=0, label="draws from the prior p(y)")
ax.scatter(*codes[:3000].T, s=3, color=BLUE, linewidths=0, label="codes of the data, q(y)")
ax.set(aspect="equal", xlabel="$y_1$", ylabel="$y_2$", title="the codes leave a hole")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), markerscale=4)
plt.show()

# %% [markdown]
# The codes leave a hole, and the prior has mass in it. In training, the decoder hardly ever sees a code from
# the hole. When you draw samples, it does.
#
# ## Predict
#
# We replace N(0, I) by a mixture of 30 Gaussians, whose places, widths and weights are **learned** along with
# the VAE. The data lie on a circle. What will happen to the strays, to log p(x) of new data, and to the codes?
#
# - **A.** It loses: a prior that is learned overfits, and log p(x) of new data falls.
# - **B.** It wins: few strays, a higher log p(x), and the codes lie on a circle, as closely as the data do.
# - **C.** It wins: few strays, a higher log p(x). The codes lie on a band around a circle, and not on it.
# - **D.** Nothing changes: the KL holds the codes where they are.
#
# Write down a letter and one reason.

# %% [markdown]
# ## Exercise 2: a number for "matched"
#
# By eye, the prior and q(y) differ. A number is better. Train a classifier to tell draws from both apart: it
# gives each y a score, high if it takes y for a code. Its **AUC** (area under the curve) is the probability that
# a random code gets a higher score than a random draw from the prior. Scores are compared on draws that the
# classifier has not seen.
#
# What is the AUC if the prior is matched perfectly, so that both are the same distribution?

# %%
my_matched_auc = ...

my_matched_auc = check.matched_auc(my_matched_auc)

# %% [markdown]
# `metrics.two_sample_auc` trains such a classifier, of boosted trees.

# %%
auc = metrics.two_sample_auc(drawn, codes)
print(f"N(0, I) against the codes: AUC {auc:.3f}")
assert abs(auc - my_matched_auc) > 0.1
assert 0.62 < auc < 0.85

# %% [markdown]
# ## 1. A mixture of Gaussians
#
# $$p(y) = \sum_{k=1}^{K} w_k\, N(y;\, m_k, s_k^2)$$
#
# The weights w, the means m and the scales s are variables, and training moves them.
#
# - The weights must be positive with sum 1. So we learn their logits, and a softmax gives the weights.
# - The scales must be positive. So we learn any number, and softplus(a) = log(1 + exp(a)) makes it positive.
# - The density is a sum of tiny numbers, which may round to 0. So we compute its logarithm, by `logsumexp`.


# %%
class MyMixture(keras.layers.Layer):
    def __init__(self, num_components, latent_dim):
        super().__init__()
        shape, normal = (num_components, latent_dim), keras.initializers.RandomNormal(stddev=1.0)
        self.means = self.add_weight(shape=shape, initializer=normal)
        self.raw_scales = self.add_weight(shape=shape, initializer="zeros")
        self.logits = self.add_weight(shape=(num_components,), initializer="zeros")
        self.built = True

    def log_prob(self, y):
        """log p(y) in nats: shape (..., M) to (...)."""
        scales = (
            ops.softplus(self.raw_scales + math.log(math.e - 1)) + 1e-5
        )  # 1 for a raw scale of 0
        white = (y[..., None, :] - self.means) / scales  # (..., K, M)
        log_normal = -ops.sum(white**2 / 2 + ops.log(scales) + math.log(2 * math.pi) / 2, axis=-1)
        return ops.logsumexp(ops.log_softmax(self.logits) + log_normal, axis=-1)


# %% [markdown]
# `priors.GaussianMixture` is the same. We give both the same random weights, and compare.

# %%
mine, theirs = MyMixture(30, 2), priors.GaussianMixture(30)
theirs.build((None, 2))
rng = np.random.default_rng(0)
weights = [rng.normal(size=w.shape) for w in theirs.get_weights()]
mine.set_weights(weights)
theirs.set_weights(weights)
y = rng.normal(size=(1000, 2)).astype("float32")
assert np.allclose(mine.log_prob(y), theirs.log_prob(y), atol=1e-4)
print("MyMixture and priors.GaussianMixture give the same log p(y).")

# %% [markdown]
# ## 2. A KL without a formula
#
# KL(q || p) between two Gaussians has a formula. Between a Gaussian and a mixture it has none. But it is a
# mean,
#
# $$\text{KL}(q\,\|\,p) = E_{y \sim q}[\log q(y) - \log p(y)],$$
#
# and you can estimate a mean by draws: this is called **Monte Carlo**.
#
# ## Exercise 3: the Monte Carlo KL
#
# `q` holds the posteriors of N examples, as above. `q.sample(S)` gives S draws for each of them, shape
# (S, N, M), and `q.log_prob(y)` their log-densities, shape (S, N). `log_p` is a function from y to log p(y),
# shape (S, N). S is `num_samples`. Return the estimate for each example, shape (N,).


# %%
def my_kl(q, log_p, num_samples):
    """The Monte Carlo estimate of KL(q || p) in nats: shape (N,)."""
    ...


my_kl = check.kl(my_kl)

# %% [markdown]
# A mixture of **one** component is a Gaussian, so there the formula and the estimate must agree. It is a
# good habit to test an estimate where the truth is known.

# %%
one = MyMixture(1, 2)
one.means.assign([[0.5, -0.5]])  # scales of 1: N((0.5, -0.5), I)
q = ordinary.posterior(x_test[:4])
p = tfd.MultivariateNormalDiag([0.5, -0.5], [1.0, 1.0])

exact = tfd.kl_divergence(q, p).numpy()
for num_samples in (1, 30, 1_000):
    estimate = np.asarray(my_kl(q, one.log_prob, num_samples))
    print(f"{num_samples:6d} draws: {np.round(estimate, 2)}")
print(f"    formula: {np.round(exact, 2)}")
assert np.allclose(estimate, exact, atol=0.3)

# %% [markdown]
# The more draws, the closer the estimate. Training takes only **one** draw for each example, the same y that
# goes to the decoder. That is noisy. But it is right in the mean, and a step of training averages over a batch.
# The package does the same:

# %%
y = q.sample(seed=1)
theirs_kl = theirs.kl_divergence(q, y)
assert np.allclose(theirs_kl, q.log_prob(y) - mine.log_prob(y), atol=1e-3)
print("One draw, one estimate for each example:", np.round(theirs_kl, 2))

# %% [markdown]
# ## 3. Train with the learned prior
#
# Only one argument differs. The mixture has 150 numbers of its own (30 weights, 60 means, 60 scales), and they
# are trained along with the networks.

# %%
learned = train("mixture of 30", new_vae(priors.GaussianMixture(30, seed=0)))

# %% [markdown]
# Four measures for each model:
#
# - the strays of notebook 03;
# - log p(x) of test data, by IW-200 of notebook 02;
# - the AUC of prior against codes;
# - the **band**: how wide is the ring of codes? Take the distance of each code from 0, and divide the standard
#   deviation of these distances by their mean. Codes on a circle around 0 have a band of 0. A ring that is wide,
#   bent or off the centre has more. The data are measured by the same ruler, since they have some noise, too.


# %%
def band(points):
    """The width of a ring of points around 0, in units of its radius."""
    radius = np.linalg.norm(points, axis=1)
    return radius.std() / radius.mean()


def measure(vae):
    codes = np.asarray(my_codes(vae.posterior(x_train[:10_000])))
    return {
        "off": metrics.off_manifold(vae.sample(10_000, seed=0), x_fresh),
        "log p": np.mean(vae.log_likelihood(x_test, num_samples=200)),
        "AUC": metrics.two_sample_auc(vae.sample_latents(10_000, seed=0), codes),
        "band": band(codes),
        "radius": np.linalg.norm(codes, axis=1).mean(),
    }


# %%
def show(results):
    print(f"{'':20} strays   log p(x)     AUC    band")
    for name, r in results.items():
        print(f"{name:20}{100 * r['off']:6.1f}%{r['log p']:11.2f}{r['AUC']:8.3f}{r['band']:8.2f}")
    print(f"{'the data':20}{band(x_train):34.2f}")


results = {"N(0, I)": measure(ordinary), "mixture of 30": measure(learned)}
show(results)

gaussian, mixture = results.values()
assert gaussian["off"] > 0.01 and mixture["off"] < start.pick(0.005, 0.03)
assert mixture["log p"] > gaussian["log p"] + 0.03 and mixture["AUC"] < start.pick(0.56, 0.62)
assert band(x_train) < 0.06 and band(x_train) < 0.75 * mixture["band"]
assert mixture["band"] < gaussian["band"] and gaussian["band"] > 0.2

# %% [markdown]
# ## The headline figure


# %%
def draw_prior(ax, vae, result, title):
    z = np.asarray(my_codes(vae.posterior(x_train[:3000])))
    side = np.linspace(-4.5, 4.5, 200, dtype="float32")
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    density = np.exp(vae.prior.log_prob(grid.reshape(-1, 2))).reshape(200, 200)
    levels = np.linspace(0.04, 1, 12) * density.max()
    ax.contourf(side, side, density, levels, cmap="Greys", vmax=1.6 * density.max())
    ax.scatter(*z.T, s=2, color=BLUE, linewidths=0)
    turn = np.linspace(0, 2 * np.pi, 300)
    circle = result["radius"] * np.stack([np.cos(turn), np.sin(turn)])
    ax.plot(*circle, color=RED, linewidth=1)
    ax.set(aspect="equal", xticks=[], yticks=[], title=title)
    ax.set(xlim=(-4.5, 4.5), ylim=(-4.5, 4.5))
    ax.spines[:].set_visible(False)
    ax.set_xlabel(f"a band of {result['band']:.2f} (the data: {band(x_train):.2f})")


figure, axes = plt.subplots(1, 2, figsize=(8, 4.3))
draw_prior(axes[0], ordinary, gaussian, "N(0, I) does not fit the codes")
draw_prior(axes[1], learned, mixture, "the learned mixture fits, and is no circle")
plt.show()

# %% [markdown]
# Grey is the prior's density, blue are codes of the data. The red circle has the mean radius of the codes.
#
# **C is right.** The learned prior *wins*. The strays are gone, log p(x) is higher, and the classifier can hardly
# tell prior and codes apart. So another prior does help.
#
# Is that the luck of one run? Here are five seeds each, trained for longer (`docs/results.md`), and three more
# models. The **VampPrior** is a mixture too: its parts are the posteriors of 30 made-up inputs, which are
# learned. The **flow** is N(0, I), bent by a chain of learned functions that can be inverted. The **InteL-VAE**
# comes in notebook 05: its codes pass through a function g. Here g(y) = y/|y|, which puts each code on the circle.

# %%
stored = strips.runs("toys", toy="circle", start=0)
strips.origin(stored)
MODELS = ("ordinary VAE", "mixture of 30", "VampPrior of 30", "flow", "InteL-VAE")


def strip_of(measure, factor=1, data=None):
    """{model: one number for each seed}, and the data themselves as the first row."""
    first = [r["result"] for r in stored if r["job"]["model"] == "ordinary VAE"]
    rows = {"the data": [factor * result[data or f"{measure}_data"] for result in first]}
    for model in MODELS:
        found = [r["result"] for r in stored if r["job"]["model"] == model]
        rows[model] = [factor * result[measure] for result in found]
    return rows


# %%
figure, axes = plt.subplots(1, 3, figsize=(11.5, 2.8))
panels = {"log p(x), nats": ("log_p", 1, 3), "strays, %": ("off", 100, 2)}
panels |= {"codes' distance from a circle, %": ("structure", 100, 1)}
colours = [GREY, RED, BLUE, BLUE, BLUE, ORANGE]
for ax, (what, (key, factor, digits)) in zip(axes, panels.items(), strict=True):
    strips.draw(ax, strip_of(key, factor), digits, colours=colours)
    ax.set(xlabel=what)
    if ax is not axes[0]:
        ax.set_yticklabels([])
plt.show()
mixture_less_intel = np.subtract(strip_of("log_p")["mixture of 30"], strip_of("log_p")["InteL-VAE"])
print(
    f"log p(x), mixture less InteL-VAE, by seed: {strips.words(mixture_less_intel, 3, True)} nats"
)
middle, half = strips.mean_half(mixture_less_intel)
assert middle > half

# %% [markdown]
# The same in numbers, with two columns more. The AUC compares draws from the prior with codes, before g (in y), and
# behind it (in z):
#
# | circle | log p(x), nats | strays, % | AUC in y | AUC in z | codes' distance from a circle, % |
# |---|---|---|---|---|---|
# | the data themselves | {{toys toy="circle" model="ordinary VAE" start=0 log_p_data .2f}} | {{toys toy="circle" model="ordinary VAE" start=0 off_data*100 .2f}} | | | {{toys toy="circle" model="ordinary VAE" start=0 structure_data*100 .1f}} |
# | ordinary VAE | {{toys toy="circle" model="ordinary VAE" start=0 log_p .2f}} | {{toys toy="circle" model="ordinary VAE" start=0 off*100 .2f}} | {{toys toy="circle" model="ordinary VAE" start=0 auc .3f}} | {{toys toy="circle" model="ordinary VAE" start=0 auc_z .3f}} | {{toys toy="circle" model="ordinary VAE" start=0 structure*100 .1f}} |
# | mixture of 30 | {{toys toy="circle" model="mixture of 30" start=0 log_p .2f}} | {{toys toy="circle" model="mixture of 30" start=0 off*100 .2f}} | {{toys toy="circle" model="mixture of 30" start=0 auc .3f}} | {{toys toy="circle" model="mixture of 30" start=0 auc_z .3f}} | {{toys toy="circle" model="mixture of 30" start=0 structure*100 .1f}} |
# | VampPrior of 30 | {{toys toy="circle" model="VampPrior of 30" start=0 log_p .2f}} | {{toys toy="circle" model="VampPrior of 30" start=0 off*100 .2f}} | {{toys toy="circle" model="VampPrior of 30" start=0 auc .3f}} | {{toys toy="circle" model="VampPrior of 30" start=0 auc_z .3f}} | {{toys toy="circle" model="VampPrior of 30" start=0 structure*100 .1f}} |
# | flow | {{toys toy="circle" model="flow" start=0 log_p .2f}} | {{toys toy="circle" model="flow" start=0 off*100 .2f}} | {{toys toy="circle" model="flow" start=0 auc .3f}} | {{toys toy="circle" model="flow" start=0 auc_z .3f}} | {{toys toy="circle" model="flow" start=0 structure*100 .1f}} |
# | InteL-VAE, g(y) = y/\|y\| | {{toys toy="circle" model="InteL-VAE" start=0 log_p .2f}} | {{toys toy="circle" model="InteL-VAE" start=0 off*100 .2f}} | {{toys toy="circle" model="InteL-VAE" start=0 auc .3f}} | {{toys toy="circle" model="InteL-VAE" start=0 auc_z .3f}} | {{toys toy="circle" model="InteL-VAE" start=0 structure*100 .1f}} |
#
# (Mean ± half of its 95% interval over seeds. The last column is a root mean square, in percent of the radius.)
# Two lessons, and both are true:
#
# - **On density the learned priors win**, also against the InteL-VAE. If all you want is good samples and a high
#   log p(x), take one.
# - **None of them puts codes on the circle.** The mixture comes near: its band is narrower than that of N(0, I),
#   and wider than that of the data. That is no accident: each posterior is a Gaussian with a width, so its draws
#   fall beside any line. The prior follows the codes, and asks nothing of them. Suppose that a plot or a later
#   model relies on "each code is an angle". A learned prior has that *roughly*, in this run. A g with the circle
#   built in *guarantees* it, for every code, even before training.
#
# The InteL-VAE has hardly a stray, and yet an AUC in y far from 0.5. How can that be? That column compares its y. But g
# drops the length of y, and the decoder never sees it: there a mismatch does no harm. So ask twice, once in y
# and once in z = g(y), what the decoder sees.

# %%
intel = presets.load("circle")
y_drawn = np.random.default_rng(0).normal(size=(10_000, 2)).astype("float32")
y_codes = np.asarray(my_codes(intel.posterior(x_train[:10_000])))
z_drawn, z_codes = intel.mapping(y_drawn).numpy(), intel.mapping(y_codes).numpy()
in_y, in_z = metrics.two_sample_auc(y_drawn, y_codes), metrics.two_sample_auc(z_drawn, z_codes)
print(f"InteL-VAE, AUC in y {in_y:.3f}, in z {in_z:.3f}; band of y {band(y_codes):.2f}, ", end="")
print(f"of z {band(z_codes):.2f}")
assert in_y > 0.6 and in_z < 0.56 and band(z_codes) < 1e-5

# %% [markdown]
# **In y**, the AUC says whether q(y) matches the prior p(y). **In z**, it says whether the decoder meets, when you
# draw samples, the codes that it was trained with. Strays come from a mismatch in z. For a model without g both
# are one number. Judge a g by the AUC in z.
#
# ## Play
#
# Here is the VAE with the learned mixture. Walk with y over the plane. Where do you find the ring? What is drawn
# between the places that have codes?

# %%
learned.explore(x=x_train[:30], title="A circle, behind a learned mixture")

# %% [markdown]
# On the site, an explorer lets you [tear the plane](http://127.0.0.1:8000/explanation/priors/#where-it-is-not-structure):
# three models of this circle, side by side. And [the playground](http://127.0.0.1:8000/playground/#prior=mixture) trains
# a VAE with a learned mixture in the page, above an InteL-VAE. (`make docs-serve` shows the site on your machine.)
#
# ## A matched prior may be useless
#
# A matched prior does not say that the codes are any good. Remember the collapse of notebook 03: there
# q(y|x) = N(0, I) for every x. So prior and codes match perfectly, and the model is useless.

# %% [markdown]
# ## What goes wrong: thirty components that are one
#
# The mixture above starts with its means at random places. Would it not be more natural to start them all at
# the origin, the mean of N(0, I)?

# %%
twins = new_vae(priors.GaussianMixture(30, seed=0))
twins.build((None, 2))
twins.prior.locs.assign(np.zeros((30, 2)))
train("all at the origin", twins)

results["30 from one place"] = measure(twins)
show(results)
assert results["30 from one place"]["off"] > 3 * mixture["off"] + 0.005

# %%
for name, vae in (("started apart", learned), ("started together", twins)):
    means = vae.prior.locs.numpy()
    apart = np.linalg.norm(means - means.mean(axis=0), axis=1).mean()
    print(f"{name}: components lie {apart:.3f} from their centre on average")
    assert (apart > 0.5) if vae is learned else (apart < 0.05)

# %% [markdown]
# Components that are equal get equal gradients, so they stay equal for ever. Thirty Gaussians on one spot are
# one Gaussian: the last row of the table is no better than N(0, I). No error is raised. You notice it if you
# print the means. Networks start from random weights for the same reason.

# %% [markdown]
# ## Summary
#
# 1. An ordinary VAE's strays come from a prior that does not match the aggregate posterior. An AUC near 0.5 says
#    that it does.
# 2. A learned prior matches it: it has fewer strays and a higher log p(x) than N(0, I), and on this circle a
#    higher log p(x) than the InteL-VAE too.
# 3. It follows the codes, and gives them no shape: for codes that *are* on a circle, in parts, or sparse, you need
#    a g that makes them so.

# %% [markdown]
# ## An open question
#
# Nobody has checked this one. **How many components does the mixture need, and what does each cost?** Thirty was our
# choice. What do one, two, five, ten or a hundred give, on a circle and on data of your own?
#
# <details><summary>What a good report has in it</summary>
#
# - **The rule of the choice**, such as "the fewest whose log p(x) is within 0.01 nats of the best". It is written down
#   first, and applied to validation data. Test data say, once, how good the choice is.
# - **A strip for each number**, of five seeds or more: log p(x), strays, AUC. Differences are paired by seed.
# - **The data as a row**, and N(0, I) as the control. One component is a second control: why?
# - **Which components are in use.** Look at their weights, and at how far apart they are ("What goes wrong").
# - **The time of a training.**
# - Data for which your rule chooses badly.
# </details>

# %% [markdown]
# ## Questions
#
# Answer each before you unfold it.
#
# <details><summary>1. Why do you compare draws from q(y|x) with the prior, and not the posteriors'
# means?</summary>
#
# The decoder is trained on draws. The means alone leave out the width of each posterior, so they are spread too
# little. Even if the prior were matched perfectly, a classifier could tell them from it.
# </details>
#
# <details><summary>2. Your AUC is 0.98. Is that good?</summary>
#
# No. The classifier tells prior and codes apart nearly always, so samples come from codes that the decoder
# hardly knows. Good is 0.5. (Far below 0.5 would mean that the labels are swapped.)
# </details>
#
# <details><summary>3. One draw of log q(y) - log p(y) may be negative. Is something wrong?</summary>
#
# No. Only the mean over draws, the KL itself, is never negative. A single draw may fall where p is larger
# than q.
# </details>
#
# <details><summary>4. Could you build a prior that lives on the circle alone?</summary>
#
# Yes: the von Mises distribution, say, which is a kind of Gaussian for angles. The posterior must then be of the
# same kind. So each new shape needs its own distribution, with a KL, and with draws that let gradients through.
# With g you keep the Gaussian, and write only a function.
# </details>
#
# <details><summary>5. Can you have both, g and a learned prior?</summary>
#
# Yes: `InteLVAE(mapping=..., prior=priors.GaussianMixture(30))`. The prior then lives on y, before g. On the
# circle that has log p(x) {{toys toy="circle" model="InteL-VAE, mixture of 30" start=0 log_p .2f}}, as high as
# the mixture alone, with all codes on the circle.
# </details>

# %% [markdown]
# ## Sources
#
# - J. M. Tomczak and M. Welling, "VAE with a VampPrior", AISTATS 2018: learned priors, and the mixture as
#   their baseline.
# - M. D. Hoffman and M. J. Johnson, "ELBO surgery", NIPS workshop 2016: the aggregate posterior in the ELBO.
# - D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests", ICLR 2017: a classifier as a test.
# - N. Miao et al., "On incorporating inductive biases into VAEs", ICLR 2022.
#
# ## What next
#
# One wish is left open: codes that lie on the circle because they *must*.
# [Notebook 05](05_intel_vae.ipynb) puts one function between encoder and decoder, and has it.
