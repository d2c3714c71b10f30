# %% [markdown]
# # Two favourite checks condemn the true g
#
# **The question.** You know something about your data, and write it down as a mapping g. How do you find out whether
# it was right? And how do you find out whether *that* can be trusted?
#
# **You will be able to**
#
# | you can | shown by |
# |---|---|
# | test a diagnostic where you know the answer | the headline figure |
# | say which diagnostics see the truth, beyond chance | exercise 1 |
# | build a g of your own from a property alone | exercise 2 |
# | make a g that a saved model finds again | exercise 3 |
# | break a check, and mend it | "Break the judge" |
#
# **You need** [notebook 05](05_intel_vae.ipynb): y, g and z = g(y). **Time:** an hour to read and do, of which the
# computer works about a minute and a half on two CPU cores.
#
# **Beside it:** the [glossary](../docs/reference/glossary.md) for words, and the how-to
# [Write your own mapping](../docs/how-to/own-mapping.md). Everywhere, ± is half of the 95% interval of a mean over
# seeds.

# %%
from course import start, ch10 as check

start.here()

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import scipy.special
import scipy.stats
from course import clinic, strips
from keras import ops

from intelvae_keras import mappings

# %% [markdown]
# ## The picture to keep in mind: a patient whose illness you know
#
# A clinic tests a new test on patients whose illness is known. We do the same. We **draw the data through a g that we
# know**. Then we train models with this g, with wrong ones, and with none, and ask each diagnostic which of them is
# right. A diagnostic that errs here cannot be trusted on your data.
#
# The data are a **Moebius strip**: a ring with half a twist. Take four latents y from N(0, I). The first two give the
# angle t around the ring. The other two are projected on a line across the ring, and this line turns by *half* a turn
# while t goes around once:
#
# $$v = e\,(e^\top y_{3,4}),\quad e = (\cos \tfrac t2, \sin \tfrac t2), \qquad
# z = \big((1 + v_1)\cos t,\ (1 + v_1) \sin t,\ v_2\big)$$
#
# (v is also shrunk to less than 1/2, so that the strip has borders.) Then x is z with noise of 0.05. All of it stands in
# `course/clinic.py`.

# %%
COUNT = start.pick(3_000, 500)
x_train, x_test = clinic.data(COUNT, seed=0), clinic.data(COUNT // 5, seed=1_000)


def draw_strip(ax, x, title):
    points = ax.scatter(x[:, 0], x[:, 1], c=x[:, 2], s=2, cmap="coolwarm", linewidths=0)
    points.set_clim(-0.5, 0.5)
    ax.set(title=title, aspect="equal", xlim=(-1.7, 1.7), ylim=(-1.7, 1.7))
    ax.axis("off")
    return points


figure, ax = plt.subplots(figsize=(4.4, 3.4))
points = draw_strip(ax, x_train, "the data, seen from above")
figure.colorbar(points, label="$x_3$, the height")
plt.show()

# %% [markdown]
# Five models see these data. They have the same encoder, decoder, steps and noise:
#
# | model | its g | right? |
# |---|---|---|
# | true g | the ring with half a twist | yes |
# | ring without a twist | the same, but the line across does not turn | the hole is right, the twist is not |
# | three clusters | `mappings.Clusters(3)` | no |
# | none | an ordinary VAE with four latents, as the others have | control |
# | none, two latents | an ordinary VAE with as many as the strip has dimensions | control |
#
# ## Predict
#
# People look at these numbers to judge a model. Which of them will prefer the **true** g to no g at all?
#
# - **A.** All: it is the truth, after all.
# - **B.** The ELBO and log p(x), since they measure the fit.
# - **C.** Whether the codes y fill N(0, I), since this is what the KL asks for.
# - **D.** Some that compare *draws* with data; the ELBO and the codes y will prefer the ordinary VAE.
#
# Write down a letter and one reason, before you read on.
#
# ## 1. The first test: does g work at all?
#
# `mappings.check` tries what training and saving need: finite values at hard points, each row by itself, a gradient that
# agrees with differences.

# %%
for g in (clinic.moebius, clinic.band):
    report = mappings.check(g, latent_dim=4)
    print(report if g is clinic.moebius else f"and {report.mapping}: failed {report.failed}")
    assert report

# %% [markdown]
# Both pass, as they should. This test sees whether a g *works*, not whether it is *true*.
#
# ## 2. One run of each

# %%
LOOKED_AT = (clinic.TRUE, clinic.BAND, clinic.ORDINARY)
models = {
    name: clinic.train(name, x_train, 0, start.pick(2_500, 60), [start.Bar(name)])
    for name in LOOKED_AT
}

# %%
figure, axes = plt.subplots(1, 4, figsize=(11, 2.9))
draw_strip(axes[0], x_train[:2_000], "the data")
for ax, (name, vae) in zip(axes[1:], models.items()):
    draw_strip(ax, vae.sample(min(COUNT, 2_000), seed=1, noise=True), f"drawn: {name}")
plt.show()

# %% [markdown]
# With your eyes alone you see points in the hole of the ordinary VAE. On the left of the data, the strip stands upright and is
# seen from its edge. Now the numbers:
#
# | number | what it asks |
# |---|---|
# | `elbo` | the bound on log p(x), of test data, from 100 draws each |
# | `log_p` | log p(x) itself, from 200 samples (notebook 02) |
# | `error` | how far reconstructions lie from test data; `worst`: the 99% quantile of it |
# | `auc_y` | can a classifier tell codes y from draws of N(0, I)? 0.5 if not, 1 if always |
# | `auc_z` | the same after g: codes z and z of the prior's draws |
# | `auc_x` | the same in the data: drawn x and real x |
# | `strays` | proportion of drawn x farther from the data than the data are from each other |
# | `stretch` | do neighbours in x have codes far apart? The worst places over the median |
# | live latents | how many of the latents y change with x at all |

# %%
numbers = {name: clinic.diagnose(vae, x_train, x_test) for name, vae in models.items()}
shown = ("elbo", "log_p", "error", "worst", "auc_y", "auc_z", "auc_x", "strays", "stretch")
print(" " * 22 + "".join(name.rjust(9) for name in shown) + "     live latents")
for name, row in numbers.items():
    print(name.ljust(22) + "".join(f"{row[key]:9.3f}" for key in shown) + f"{row['live']:9d} of 4")
right, none = numbers[clinic.TRUE], numbers[clinic.ORDINARY]
assert start.FAST or right["auc_y"] > none["auc_y"] + 0.03
assert start.FAST or right["elbo"] < none["elbo"]

# %% [markdown]
# The true g has the *worse* ELBO, and its codes y are far from N(0, I). But one run is one run.
#
# A word on the ELBO itself. The table has the mean of 100 draws of y for each test point. `evaluate` takes one.

# %%
again = [
    models[clinic.TRUE].evaluate(x_test, verbose=0, return_dict=True)["elbo"] for _ in range(6)
]
print("The true g, evaluated six times:", ", ".join(f"{elbo:.2f}" for elbo in again))

# %% [markdown]
# One draw each is too noisy here. Of a thousand draws not even one falls past the middle of the ring. But there z lies on
# another side, and one such draw costs hundreds of nats. Where evaluations differ, take more draws.
#
# ## Exercise 1: which diagnostics see the truth?
#
# A diagnostic **sees the truth** if it is better for the true g than for *each* of the others, by more than chance. You
# get its values over seeds. The same seed has the same data for all models. Say True or False.


# %%
def my_sees(true, others, larger_is_better):
    """Whether a diagnostic is better for the true g than for each of the others, beyond chance.

    true, shape (n,): its values for n seeds. others: a list of such arrays, by the same seeds.
    """
    ...


my_sees = check.sees(my_sees)

# %% [markdown]
# ## The headline figure
#
# The repository holds runs of several seeds. A dot is a seed, the tick the mean, the bar half of the 95% interval to either
# side. The grey row, where there can be one, is **the truth as a row**: fresh data in place of a model's draws, or the
# exact log p(x). For the titles, your function speaks, and the true g has the title's colour. Orange are wrong g, black is
# no g.

# %%
stored = {name: strips.runs("clinic", of="clinic", model=name) for name in ("data", *clinic.MODELS)}
strips.origin([run for runs in stored.values() for run in runs], of="clinic")
LARGER = dict.fromkeys(shown, False) | {"elbo": True, "log_p": True}


def values(name, key):
    return np.array([run["result"][key] for run in stored[name]])


def verdict(key, against):
    """What a diagnostic says of the true g, beside some of the other models."""
    true, others = values(clinic.TRUE, key), [values(name, key) for name in against]
    if my_sees(true, others, LARGER[key]):
        return "sees the truth"
    if all(my_sees(other, [true], LARGER[key]) for other in others):
        return "condemns it"
    return "no difference seen"


# %%
NO_G = (clinic.ORDINARY, clinic.TWO)
COLOURS = {"sees the truth": "C0", "condemns it": "#bd1f01", "no difference seen": "0.45"}
first, EMPTY = stored["data"][0]["result"], [np.nan]
figure, axes = plt.subplots(3, 3, figsize=(11, 7), sharey=True)
for ax, key in zip(axes.flat, LARGER):
    rows = {name: values(name, key) for name in clinic.MODELS}
    says = verdict(key, NO_G)
    rows = {"the data": EMPTY if key not in first else values("data", key)} | rows
    colours = ["0.7", COLOURS[says], "0.3", "C1", "0.3", "C1"]
    strips.draw(ax, rows, colours=colours)
    ax.locator_params(axis="x", nbins=4)
    arrow = "more is better" if LARGER[key] else "less is better"
    ax.set_title(f"{key} ({arrow}): {says}", color=COLOURS[says], fontsize=9)
plt.show()

# %% [markdown]
# The titles compare the true g with the two ordinary VAEs. The same question for the wrong ones:

# %%
table = {}
print(f"{'the true g beside':10} {'no g':>22} {'three clusters':>22} {'ring without a twist':>24}")
for key in LARGER:
    table[key] = [verdict(key, names) for names in (NO_G, (clinic.CLUSTERS,), (clinic.BAND,))]
    print(
        f"{key:17} " + "".join(says.rjust(width) for says, width in zip(table[key], (15, 22, 24)))
    )
assert table["auc_y"][0] == "condemns it" and table["elbo"][0] == "condemns it"

# %% [markdown]
# **D is right.** Two numbers that many people look at first *condemn* the true g:
#
# - **The ELBO.** All (y_1, y_2) along a ray from 0 give the same z, so the true posterior lies along a ray. A Gaussian q
#   cannot follow it, and the ELBO pays for the gap. log p(x) does not: its weights correct q.
# - **The codes in y.** g drops the length of (y_1, y_2). No x depends on it, and so nothing makes the codes spread as
#   N(0, I) does. A true g looks bad in y wherever it throws something away.
#
# What compares **draws of the prior with data** sees the truth: in z, in x, and by counting strays. Samples hang on
# this. The ordinary VAEs fill the hole, three clusters fill the gaps between them. The reconstruction error sees nothing, or
# prefers the wrong model: to copy well is easy with four free latents.
#
# And the last column is a warning. The ring without a twist is *wrong*, and over these seeds **nothing** tells it from
# the truth. The hole is seen, the twist is not. "What goes wrong" looks at this.
#
# So as judges of a g, drop the ELBO and the codes in y. The ELBO is still the loss to train with.
#
# What of data that you did not make? Then you have no first row. But you have learnt which numbers to believe, and which
# only sound right.

# %% [markdown]
# ## Exercise 2: a g of your own
#
# Now build one. Here is a menu of things that you may know about your codes. **Choose one**, and write a g from
# three latents y, shape (batch, 3), that has it at *every* y. No formula is given: it is your g.
#
# | on the menu | what somebody knows | must hold |
# |---|---|---|
# | in order | thresholds, stages of growth, quantiles | no number of z is below the one before it |
# | proportions | mixtures, budgets, topics | none below 0, and they sum to 1 |
# | on the sphere | directions in space | z has the length 1 |
# | balanced | effects against each other, a zero-sum game | the numbers of z sum to 0 |
# | no arrow | an axis without head and tail, as of a fibre | y and -y have the same z |
#
# It should throw away no more than the property asks for. (Squaring everything to 0 has many properties.)


# %%
def my_g(y):
    """A g of your own: y, shape (batch, 3), to z, shape (batch, D)."""
    ...


my_g = check.own(my_g)
print("its property:", check.property_of(my_g))

# %% [markdown]
# Look at it: a grid of y, and its image. Then `mappings.check` once more, on yours.

# %%
side = np.linspace(-2, 2, 9)
along = np.linspace(-2, 2, 60)
lines = [np.stack([along, 0 * along + at, 0 * along + 0.3], -1) for at in side]
lines += [line[:, [1, 0, 2]] for line in lines]
figure, (before, after) = plt.subplots(1, 2, figsize=(7.5, 3.2))
for line in lines:
    z = np.asarray(my_g(line.astype("float32")))
    before.plot(line[:, 0], line[:, 1], color="C0", linewidth=0.8)
    after.plot(z[:, 0], z[:, 1], color="C0", linewidth=0.8)
before.set(title="a grid of y", xlabel="$y_1$", ylabel="$y_2$", aspect="equal")
after.set(title=f"its image: {check.property_of(my_g)}", xlabel="$z_1$", ylabel="$z_2$")
plt.show()
print(mappings.check(lambda y: ops.convert_to_tensor(my_g(y)), latent_dim=3))

# %% [markdown]
# ## Exercise 3: a layer that comes back
#
# A function does for a try. To save the model, make it a **layer**. A saved model holds numbers and names, no code. So
# Keras must find your class by its name. Register it:
#
# ```python
# @keras.saving.register_keras_serializable(package="my_project")
# ```
#
# and let `get_config` return what the constructor takes. Here, let it be the **simplex**: z = softmax(sharpness * y),
# whose rows are proportions. In a program of your own, import the file with this class before you load the model.


# %%
class MySimplex(keras.layers.Layer):
    """z = softmax(sharpness * y)."""

    def __init__(self, sharpness=2.0, **kwargs):
        super().__init__(**kwargs)
        self.sharpness = sharpness

    def call(self, y): ...

    def get_config(self): ...


MySimplex = check.layer(MySimplex)
found = mappings.check(MySimplex(2.0), 3, holds=lambda z: np.allclose(z.sum(axis=1), 1, atol=1e-5))
print(found)
assert found

# %% [markdown]
# ## Break the judge
#
# A check is a diagnostic too, of answers. Here is one for the softmax. It looks reasonable: weights are not below
# 0, and sum to 1.


# %%
def weak_check(answer):
    """Whether the rows of z = answer(y) are >= 0 and sum to 1: what seems to ask for a softmax."""
    z = np.asarray(answer(np.eye(3, dtype="float32")))
    return bool((z >= 0).all() and np.allclose(z.sum(axis=1), 1, atol=1e-3))


print("the softmax passes:", weak_check(lambda y: scipy.special.softmax(y, axis=1)))

# %% [markdown]
# **First, break it.** Write an answer that passes and is *not* the softmax.


# %%
def my_wrong(y):
    """Weights that pass the weak check, and are not softmax(y)."""
    ...


my_wrong = check.broken(my_wrong)
print("a wrong answer passes:", weak_check(my_wrong))
assert weak_check(my_wrong)

# %% [markdown]
# **Then mend it.** Write a check that says True to each right answer, in whatever form it comes, and False to each wrong
# one. It will meet answers that raise, give NaN for large y, other shapes, lists, and half precision.


# %%
def my_judge(answer):
    """Whether a function is the softmax of each row: True or False."""
    ...


my_judge = check.judge(my_judge)
print("it refuses the answer that broke the weak one:", not my_judge(my_wrong))
assert not my_judge(my_wrong)

# %% [markdown]
# How many wrong answers does each let pass? The course has a collection of them:


# %%
def passes(judge, answer):
    try:
        with np.errstate(all="ignore"):
            return bool(judge(answer))
    except Exception:
        return False


for judge, name in ((weak_check, "the weak check"), (my_judge, "your check")):
    wrong = [what for what, answer in check.WRONG.items() if passes(judge, answer)]
    right = [what for what, answer in check.RIGHT.items() if passes(judge, answer)]
    print(
        f"{name}: accepts {len(right)} of {len(check.RIGHT)} right answers, and {len(wrong)} of "
        f"{len(check.WRONG)} wrong ones{': ' + ', '.join(wrong) if wrong else ''}"
    )
assert not wrong and len(right) == len(check.RIGHT)

# %% [markdown]
# A property that the right answer has is not the right answer. It is the same with g: `mappings.check` tests properties,
# and so does each diagnostic above. The way out is the same as well: **test the test on cases whose answer you
# know.**
#
# ## What goes wrong
#
# Look at the dots of the true g once more: they fall into two groups. A true g is no promise that *training* finds the
# truth. Here are all runs at once, log p(x) against the stretch.

# %%
figure, ax = plt.subplots(figsize=(8, 3.4))
marks = dict(zip(clinic.MODELS, ("o", "s", "^", "x", "+")))
tones = dict(zip(clinic.MODELS, ("C0", "0.3", "C1", "0.3", "C1")))
for name, mark in marks.items():
    short = values(name, "log_p") - values("data", "log_p")
    ax.scatter(values(name, "stretch"), short, marker=mark, color=tones[name], label=name)
ax.axhline(0, color="0.7", linewidth=0.8)
ax.set(
    xscale="log",
    xlabel="stretch (log scale)",
    xticks=[2, 5, 10, 20],
    xticklabels=[2, 5, 10, 20],
    ylabel="log p(x), less that of the truth, nats",
)
ax.minorticks_off()
ax.legend(fontsize=8, loc="upper right", bbox_to_anchor=(1, 0.95))
plt.show()

# %%
whole = values(clinic.TRUE, "stretch") < 4
gap = {name: values(name, "log_p") - values("data", "log_p") for name in clinic.MODELS}
print(f"{whole.sum()} of {len(whole)} runs of the true g are without a cut (stretch below 4)")
for what, which in (("without a cut", whole), ("with one", ~whole)):
    print(f"  {what}: {strips.words(gap[clinic.TRUE][which], 2)} nats from the truth")
rest = max(float(gap[name].max()) for name in clinic.MODELS if name != clinic.TRUE)
print(f"the best run of all other models: {rest:.2f}")
assert gap[clinic.TRUE][whole].min() > gap[clinic.TRUE][~whole].max()

# %% [markdown]
# Half of the runs of the **true** g are stuck. Their codes have a cut that the strip does not have, as the stretch says, and
# their log p(x) is no better than that of wrong models. The other half, at the top left, is nearer to the truth than any
# run of any other model. So the mean over all runs mixed two questions: *is g true?* and *did training find it?*
# That is why log p(x) saw no difference above.
#
# What told was to look at the dots, and not at their mean alone. On your own data, train a g several times. Look at log p(x)
# of validation data and at the stretch, run by run: two clouds say that some runs are stuck. (Choosing among restarts is in
# [notebook 06](06_clusters.ipynb). How well it works here is not measured.)
#
# Two cautions. A low stretch alone proves nothing: the
# ordinary VAE with four latents has it too, since it does not bend anything. And with two groups of four, chosen
# after a look at the dots, this is an observation to be tested anew, not a proof.

# %% [markdown]
# ## Play
#
# The ordinary VAE of the strip: move one latent at a time. Where does x jump across the hole?

# %%
models[clinic.ORDINARY].explore(
    x=x_test[:30], names=("x_1", "x_2", "x_3"), title="A strip without a g"
)

# %% [markdown]
# [The playground](http://127.0.0.1:8000/playground/#mission=hole) trains, in your browser, a model of data with a
# hole. (`make docs-serve` shows the site on your machine.)

# %% [markdown]
# ## Summary
#
# 1. A diagnostic is a claim, and can be tested: draw data through a g that you know, and see which model it prefers, over
#    seeds.
# 2. The ELBO and the codes in y condemn a true g that throws something away. Compare draws with data, in x or in z, and look
#    at each run: a true g can be stuck.
# 3. A property that holds is no proof. Checks are tested by wrong answers that pass.

# %% [markdown]
# ## An open question
#
# Nobody has checked this one. **Is your own g seen?** Draw data through the g of exercise 2 and a decoder of your choice.
# Train with it, with another property of the menu, and with none. Do the diagnostics that saw the strip see yours?
#
# <details><summary>What a good report has in it</summary>
#
# - **The data are made by you**, so the truth is known, and a row of each figure. Say how much noise.
# - **A prediction for each diagnostic**, before the runs. What does your g throw away? If nothing, should y condemn it?
# - **The controls**: an ordinary VAE with the same latents, and one with as many as are live. For groups, `KMeans` too.
# - **Ten seeds**, paired differences, and your `my_sees`. Say what you count as "no difference seen".
# - **A weaker signal**: more noise, or fewer data. At which point does the last diagnostic go blind?
# - What you would look at first on data of which you do not know the answer.
# </details>

# %% [markdown]
# ## Questions
#
# Answer each before you unfold it.
#
# <details><summary>1. Why does the true g have the worse ELBO here, and not the worse log p(x)?</summary>
#
# Many y give the same z. The length of (y_1, y_2) does not matter, nor the part of (y_3, y_4) that is projected away. The
# true posterior covers all of them. The second is a Gaussian, and the first is not: it is a half-line, from 0 outwards. q
# cannot follow, and the ELBO pays the gap. log p(x) is corrected by weights.
# </details>
#
# <details><summary>2. Why may g have no inverse, although a normalising flow must have one?</summary>
#
# A flow computes a density by following a point back through its map, and that needs an inverse and its
# Jacobian. An InteL-VAE never asks for the density of z: the KL is taken in y, where everything is Gaussian.
# </details>
#
# <details><summary>3. A diagnostic prefers your g in three of three seeds. Does it see the truth?</summary>
#
# On your data you do not know, since you do not know the truth. Where you know it, three seeds have the factor
# 4.30 in their interval. And it has to prefer the truth to *each* rival, near ones too.
# </details>
#
# <details><summary>4. Your g saves and loads in the notebook. In a new program, loading fails. Why?</summary>
#
# The file holds the name of your class and what `get_config` gave, not its code. Import the file that
# defines and registers the class before you load. In the notebook, the class was still in memory.
# </details>
#
# <details><summary>5. Three kinds of garment, a g with three corners, and each corner holds one kind at 90%. A success?
# </summary>
#
# Ask the control. If `KMeans` on the pixels reaches 90% too, the corners lie right and the g was not needed for
# that. Then say what else it gives you, such as a map, or samples of one kind.
# </details>

# %% [markdown]
# ## Sources
#
# - N. Miao et al., "On incorporating inductive biases into VAEs", ICLR 2022: the method.
# - D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests", ICLR 2017: the AUC.
# - F. Locatello et al., "Challenging common assumptions in the unsupervised learning of disentangled representations",
#   ICML 2019: data with known factors, so that measures can be tested.
# - J. Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018: what a test is worth that cannot fail.
#
# ## What next
#
# Write down in one sentence what you know about your data. Is it a shape (05), kinds (06), few features at a time (07),
# coarse to fine (09)? Write the g, test it, and train it beside an ordinary VAE.
# [Write your own mapping](../docs/how-to/own-mapping.md) has the contract of a mapping in the package, and
# [Train on a folder of images](../docs/how-to/images.md) the way in for photographs. If your data are a table, go to
# [notebook 11](11_a_table_with_holes.ipynb).
