# %% [markdown]
# # With 50 labels fewer latents help, sparse or not
#
# **The question.** Sparse codes are said to be better features: they need fewer labels, and stand noise. Is
# it so? Is it because they are sparse? And how would you find out without fooling yourself?
#
# **You will be able to**
#
# | you can | shown by |
# |---|---|
# | read off a table what sparse codes buy, and what they cost | exercise 1 |
# | give a difference between models its interval, with three seeds | exercise 2 |
# | find the latents that matter for one image | exercise 3 |
# | read a forest plot | the headline figure |
# | build the control that shares all but the cause | section 3 |
# | notice that many comparisons find something by chance | "What goes wrong" |
#
# **You need** [notebook 07](07_sparsity.ipynb): gates, and Hoyer's sparsity. **Time:** 40 minutes to read
# and do, of which the computer works about a minute on two CPU cores. Nothing is trained here but
# classifiers.
#
# **Beside it:** the [glossary](../docs/reference/glossary.md) for words, and the how-to
# [How we measure](../docs/how-to/reproduce.md#how-we-measure). Everywhere, ± is half of the 95% interval of a mean.

# %%
from course import start, ch08 as check

start.here()

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from course import strips
from scipy import stats
from sklearn.preprocessing import StandardScaler

from intelvae_keras import datasets, metrics, plots, presets

# %% [markdown]
# ## The picture to keep in mind
#
# One pair of trousers, described by two models that ship with the package. Both have 50 latents z. A bar is a
# latent, divided by its standard deviation over all images. The titles give the mean Hoyer sparsity of all
# test images.

# %%
(x_train, labels_train), (x_test, labels_test) = datasets.load("fashion_mnist_mini")
vaes = {"ordinary": presets.load("fashion-vae"), "sparse": presets.load("fashion-sparse")}
z_train = {name: vae.encode(x_train) for name, vae in vaes.items()}
z_test = {name: vae.encode(x_test) for name, vae in vaes.items()}

figure, axes = plt.subplots(2, 1, figsize=(8, 3.4), sharex=True)
one = int(np.argmax(labels_test == 1))
for ax, (name, z) in zip(axes, z_test.items()):
    ax.bar(range(50), z[one] / z.std(axis=0), color="C0")
    ax.set(title=f"{name} codes: Hoyer {metrics.hoyer_sparsity(z):.2f}", yticks=[])
    ax.axhline(0, color="black", linewidth=0.8)
axes[1].set_xlabel("latent")
plt.show()

# %% [markdown]
# ## Predict
#
# Now take the codes as features: a simple classifier, a **probe**, reads off them which garment it is. It is
# trained with few labels, or with many. Which codes make the better features?
#
# - **A.** The sparse ones, always. Few active latents are easier to read.
# - **B.** The ordinary ones, always. Sparse codes have thrown something away.
# - **C.** The sparse ones with few labels, the ordinary ones with many.
# - **D.** The other way round: ordinary with few, sparse with many.
#
# And a second question: if one of them wins, is it *because* its codes are sparse? Yes or no?
#
# Write down a letter and one reason, before you read on.
#
# ## 1. A probe
#
# A probe must be simple, else it would measure itself and not the codes. Ours is logistic regression. In
# Keras it is a single layer: a weight for each latent and class, and a softmax.


# %%
def accuracy_of_keras_probe(z, labels, z_new, labels_new):
    keras.utils.set_random_seed(0)
    scale = StandardScaler().fit(z)
    probe = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
    probe.compile(
        keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    probe.fit(scale.transform(z), labels, epochs=start.pick(10, 40), batch_size=256, verbose=0)
    return probe.evaluate(scale.transform(z_new), labels_new, verbose=0)[1]


many = slice(start.pick(5_000, 1_000))
for name in vaes:
    by_keras = accuracy_of_keras_probe(
        z_train[name][many], labels_train[many], z_test[name], labels_test
    )
    probe = metrics.train_probe(z_train[name][many], labels_train[many], scale_of=z_train[name])
    by_package = np.mean(probe.predict(z_test[name]) == labels_test)
    print(f"{name:9} codes, {many.stop:,} labels: Keras {by_keras:.1%}, package {by_package:.1%}")
    assert abs(by_keras - by_package) < 0.05

# %% [markdown]
# The two agree within a few points, since they are trained differently. What must agree exactly is the
# *procedure*, such as that for noisy images. Noise of standard deviation 0.2 is added to the pixels, and
# cut off at 0 and 1. The probe, trained on clean images, has to read the codes of noisy ones.

# %%
probes = {
    name: metrics.train_probe(z_train[name][many], labels_train[many], scale_of=z_train[name])
    for name in vaes
}
noise = np.random.default_rng(0).standard_normal(x_test.shape, dtype="float32")
x_noisy = np.clip(x_test + np.float32(0.2) * noise, 0, 1)
for name, vae in vaes.items():
    mine = np.mean(probes[name].predict(vae.encode(x_noisy)) == labels_test)
    theirs = metrics.noise_robustness(vae, x_test, labels_test, probes[name], levels=[0.2], seed=0)
    assert mine == theirs[0]
    print(f"{name:9} codes of noisy images: {mine:.1%}")

# %% [markdown]
# ## 2. Three trainings each, 20 measures
#
# These were two models, one of each kind. Another seed gives other numbers. The repository's results hold
# an ordinary VAE and six models with gates, three seeds each, trained on 20,000 images. For each of them they
# hold 20 accuracies: two probes (logistic regression and a decision tree), with ten tasks each. Here are the accuracies from few
# labels, by logistic regression, in per cent: the mean over seeds.

# %%
records = strips.runs("sparsity", beta=1)  # claims 5 and 6
strips.origin(records)
COUNTS = (50, 100, 500, 5_000)


def results_of(model, gamma=0):
    """The runs of one setting, in the order of their seeds."""
    found = [r for r in records if (r["job"]["model"], r["job"]["gamma"]) == (model, gamma)]
    return [r["result"] for r in found]


gammas = sorted({r["job"]["gamma"] for r in records if r["job"]["model"] == "sparse"})
few = {name: np.mean([r["few_labels"]["logistic"] for r in results_of(*key)], axis=0)
       for name, key in (("ordinary", ("ordinary",)), ("sparse, gamma 3", ("sparse", 3)))}  # fmt: skip
print("labels".ljust(18) + "".join(f"{count:8,}" for count in COUNTS))
for name, values in few.items():
    print(name.ljust(18) + "".join(f"{100 * value:8.1f}" for value in values))

# %% [markdown]
# ## Exercise 1: which way?
#
# Read the table. Which codes are the better features with 50 labels, and which with 5,000? Write "sparse"
# or "ordinary" for each.

# %%
my_ways = {50: ..., 5_000: ...}

my_ways = check.ways(my_ways)

# %% [markdown]
# ## Exercise 2: an interval for a difference
#
# A difference of two means says nothing without its uncertainty. The runs come in **pairs**: seed 1000 of the
# sparse model has the same data, and the same labels for the probe, as seed 1000 of the ordinary one. So take
# the differences seed by seed, $d_i = a_i - b_i$, and then their 95% **t-interval**:
#
# $$\bar d \;\pm\; t_{0.975,\,n-1}\,\frac{s}{\sqrt n}$$
#
# with $\bar d$ their mean, s their standard deviation (divided by n - 1), and t the quantile of Student's
# distribution with n - 1 degrees of freedom. For n = 3 it is 4.303. The 1.96 that you may remember is for
# many seeds, and with three it would promise far too much. Return the mean and half of the interval.


# %%
def my_interval(a, b):
    """The mean of a - b, and half of its 95% t-interval."""
    ...


my_interval = check.interval(my_interval)

# %%
a, b = np.array([71.0, 69.5, 73.0]), np.array([66.0, 66.5, 67.0])
mean, half = my_interval(a, b)
theirs = stats.ttest_rel(a, b).confidence_interval(0.95)
assert np.allclose([mean - half, mean + half], [theirs.low, theirs.high], rtol=1e-3)
print(f"{mean:.2f} ± {half:.2f}: SciPy's paired t-test has the same interval.")


# %% [markdown]
# ## The headline figure
#
# A **forest plot**: one line for each comparison, its mean as a dot, its interval as a line. All 120 are
# drawn: two probes, ten tasks, six models with gates (a row has one line for each gamma, from 0 to 30). Right of 0
# the sparse codes are better, left of 0 worse. In blue and red are those whose interval excludes 0.


# %%
def ten_accuracies(result, probe):
    return 100 * np.concatenate(
        [result[m][probe] for m in ("few_labels", "pixel_noise", "dropped")]
    )


TASKS = [f"{count:,} labels" for count in COUNTS] + [f"noise {s}" for s in (0.1, 0.2, 0.3)]
TASKS += [f"{share} of z lost" for share in ("10%", "25%", "50%")]
intervals = {}
for probe in ("logistic", "tree"):
    ordinary = np.array([ten_accuracies(r, probe) for r in results_of("ordinary")])
    for gamma in gammas:
        sparse = np.array([ten_accuracies(r, probe) for r in results_of("sparse", gamma)])
        for j, task in enumerate(TASKS):
            intervals[probe, task, gamma] = my_interval(sparse[:, j], ordinary[:, j])
print(len(intervals), "comparisons")
assert len(intervals) == 120


# %%
def colour_of(mean, half):
    return "0.7" if abs(mean) <= half else "C0" if mean > 0 else "C2"


figure, axes = plt.subplots(1, 2, figsize=(9.6, 6), sharex=True, sharey=True)
for ax, (probe, title) in zip(
    axes, (("logistic", "logistic regression"), ("tree", "decision tree"))
):
    for row, task in enumerate(TASKS):
        for place, gamma in enumerate(gammas):
            mean, half = intervals[probe, task, gamma]
            at = row + 0.12 * (place - (len(gammas) - 1) / 2)
            colour = colour_of(mean, half)
            ax.plot([mean - half, mean + half], [at, at], color=colour, linewidth=1.3)
            ax.plot(mean, at, "o", color=colour, markersize=3)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set(title=title, xlabel="points of accuracy, sparse less ordinary", xlim=(-32, 32))
for colour, what in (("C0", "sparse better"), ("C2", "ordinary better"), ("0.7", "none seen")):
    axes[1].plot([], [], "o-", color=colour, markersize=3, linewidth=1.3, label=what)
axes[1].legend(loc="lower right")
axes[0].set(yticks=range(len(TASKS)), yticklabels=TASKS, ylim=(len(TASKS) - 0.4, -0.6))
plt.show()

# %%
clear = {key: np.sign(mean) for key, (mean, half) in intervals.items() if abs(mean) > half}
better = [key for key, sign in clear.items() if sign > 0]
worse = [key for key, sign in clear.items() if sign < 0]
print(f"of {len(intervals)} intervals, {len(better)} lie above 0, and {len(worse)} below")
for what, keys in (("above", better), ("below", worse)):
    tasks = {task: sum(key[1] == task for key in keys) for task in TASKS}
    print(f"{what}:", {task: count for task, count in tasks.items() if count})
assert better and worse
assert intervals["logistic", "50 labels", 3][0] > 0 > intervals["logistic", "5,000 labels", 3][0]

# %% [markdown]
# **C is right** for logistic regression: with 50 labels sparse codes gain points, with 5,000 they lose. A
# decision tree looks at one latent at a time, which suits sparse codes. With it they gain with up to 500
# labels, and hardly differ with 5,000. Now noise and lost latents: sparse codes stand them no better, and
# sometimes worse. A single interval of the tree lies above 0 there. Chance alone gives as much.
#
# (One line alone proves nothing: see "What goes wrong".) The numbers for gamma 3 and logistic regression, ± half
# of the 95% interval of each (three seeds):
#
# | labels | ordinary, % | gamma 3, % |
# |---|---|---|
# | 50 | {{sparsity model=ordinary beta=1 few_labels.logistic.0*100 .1f ci}} | {{sparsity model=sparse gamma=3 beta=1 few_labels.logistic.0*100 .1f ci}} |
# | 5,000 | {{sparsity model=ordinary beta=1 few_labels.logistic.3*100 .1f ci}} | {{sparsity model=sparse gamma=3 beta=1 few_labels.logistic.3*100 .1f ci}} |
#
# Why? A probe with 50 labels has 500 weights to find, 10 for each of 50 latents. Codes with fewer latents leave
# less to guess. With 5,000 labels the weights can be found, and then counts what the codes still know about the
# image. Gates have thrown part of that away. But that is a reason from the *number* of latents. Is sparsity the
# cause at all?
#
# ## Play
#
# Look at the **ordinary** VAE before you go on. Here it is, with its latents in the order of their KL. Move them one
# after the other. After how many does the picture no longer change? Write the number down.

# %%
vaes["ordinary"].explore(
    x=x_test[:20], weights="int8", title="Garments, an ordinary VAE, 50 latents"
)

# %% [markdown]
# [The gallery](http://127.0.0.1:8000/gallery/) of the site has the model with gates to compare it with. (`make
# docs-serve` shows the site on your machine.)
#
# ## 3. The control: the same number of latents, not sparse
#
# Most latents of the ordinary VAE are dead: their posterior is the prior, whatever the image (notebook 07). The
# probe cannot know that. It gets 50 features, divides each by its deviation, and finds weights for noise. So give
# it the **live** latents of the ordinary VAE alone, those whose KL is above 0.1 nats. They are chosen without any
# label, and nobody made them sparse. We take the two models from above, and draw the labels anew many times.


# %%
def live_latents(vae):
    """Which latents have a KL of more than 0.1 nats, in the mean over training images."""
    q = vae.posterior(x_train)
    centre, variance = q.mean().numpy(), q.variance().numpy()
    return np.mean(variance + centre**2 - 1 - np.log(variance), axis=0) / 2 > 0.1


live = live_latents(vaes["ordinary"])
features = {
    "ordinary, all 50": (z_train["ordinary"], z_test["ordinary"]),
    f"ordinary, its {live.sum()} live": (z_train["ordinary"][:, live], z_test["ordinary"][:, live]),
    "sparse, all 50": (z_train["sparse"], z_test["sparse"]),
}


# %%
def accuracies(name, count, draws):
    """The test accuracy of a probe, in %, for some draws of `count` labelled images."""
    z, z_new = features[name]
    values = []
    for draw in range(draws):
        rows = np.random.default_rng(draw).permutation(len(z))[:count]
        probe = metrics.train_probe(z[rows], labels_train[rows], scale_of=z)
        values.append(100 * np.mean(probe.predict(z_new) == labels_test))
    return np.array(values)


draws = {50: start.pick(20, 4), 500: start.pick(5, 2), 5_000: 2}
control = {(n, c): accuracies(n, c, times) for c, times in draws.items() for n in features}
print("labels".ljust(20) + "".join(f"{count:8,}" for count in draws))
for name in features:
    print(name.ljust(20) + "".join(f"{control[name, count].mean():8.1f}" for count in draws))
names = list(features)
for ours, other in ((2, 0), (1, 0), (2, 1)):
    mean, half = my_interval(control[names[ours], 50], control[names[other], 50])
    print(f"50 labels, {names[ours]} less {names[other]}: {mean:+.1f} ± {half:.1f} points")
assert control[names[1], 50].mean() > control[names[0], 50].mean()

# %% [markdown]
# With 50 labels the ordinary VAE's live latents do at least as well as the sparse code. But ± is over draws of the
# labels here: it is one model of each kind, so it says nothing about other seeds. The stored runs have the same control
# for three seeds:


# %%
def accuracy(model, gamma, count, live=False):
    """The accuracy of a logistic regression in %, one number for each seed."""
    found = [result["live"] if live else result for result in results_of(model, gamma)]
    return np.array([100 * r["few_labels"]["logistic"][COUNTS.index(count)] for r in found])


KINDS = {
    "ordinary, all 50": ("ordinary", 0, False),
    "ordinary, live alone": ("ordinary", 0, True),
    "sparse, all 50": ("sparse", 3, False),
    "sparse, live alone": ("sparse", 3, True),
}
figure, axes = plt.subplots(1, 2, figsize=(10, 2.6))
for ax, count in zip(axes, (50, 5_000)):
    rows = {name: accuracy(m, gamma, count, live) for name, (m, gamma, live) in KINDS.items()}
    strips.draw(ax, rows, 1, colours=["C2", "C0", "C0", "C0"])
    ax.set(title=f"{count:,} labels", xlabel="accuracy of a logistic regression, %")
plt.show()

# %%
for count in COUNTS:
    rows = {name: accuracy(m, gamma, count, live) for name, (m, gamma, live) in KINDS.items()}
    everything, live, sparse = list(rows.values())[:3]
    less_all, less_live = sparse - everything, sparse - live
    print(
        f"{count:5,} labels: sparse less all 50 of the ordinary VAE {strips.words(less_all, 1, True)},"
    )
    print(f"              sparse less its live latents         {strips.words(less_live, 1, True)}")
# %%
mean, half = strips.mean_half(accuracy("sparse", 3, 50) - accuracy("ordinary", 0, 50))
assert mean > half
mean, half = strips.mean_half(accuracy("sparse", 3, 50) - accuracy("ordinary", 0, 50, live=True))
assert abs(mean) < half

# %% [markdown]
# Beside *all* latents, the sparse code gains 11 points with 50 labels, and the interval is far from 0. Beside the *live*
# ones no difference is seen, with any number of labels. **What helped was to have fewer features, not that they are
# sparse.** With 5,000 labels all latents win, over both. Dead latents know a little, too, and with many labels a probe
# can use it.
#
# So the claim "sparse codes need fewer labels" is true of these numbers, and misleading. **A control shares all but
# the cause.** In the forest plot the ordinary VAE has all of its latents, the dead ones too. So it was none.

# %% [markdown]
# ## 4. What a latent means
#
# Sparse codes may buy something that no accuracy measures: **one can look at them**. If a garment uses few
# latents, what does each of them do?
#
# ## Exercise 3: the latent that matters
#
# For one code z, find the latent that matters most *for this picture*. Switch off one latent after the
# other, that is, set it to 0, and decode. The one whose loss changes the picture most (by the sum of squared
# differences) is it. This is called **ablation**. `decode` maps codes, shape (batch, D), to pictures.


# %%
def my_active(z, decode):
    """The index of the latent of z, shape (D,), that matters most."""
    ...


my_active = check.active(my_active)


# %%
def by_ablation(vae, z, count):
    """The latents that matter most, one after the other; each is switched off once it is found."""
    z, found = z.copy(), []
    for _ in range(count):
        found.append(int(my_active(z, vae.decode)))
        z[found[-1]] = 0
    return found


rows, titles = [], []
for name, vae in vaes.items():
    z = z_test[name][one].copy()
    pictures, row_titles = [x_test[one], vae.decode(z[None])[0]], ["the image", f"{name} code"]
    for j in by_ablation(vae, z, 6):
        z[j] = 0
        pictures.append(vae.decode(z[None])[0])
        row_titles.append(f"less $z_{{{j}}}$")
    rows += pictures
    titles += row_titles
plots.image_grid(np.array(rows), columns=8, titles=titles)

# %% [markdown]
# From left to right, the latents that matter most are switched off, one after the other. The lower row is
# easy to read: the sparse code *is* these few numbers, and the others are 0.
#
# But look at the upper row as well. There, too, six latents of 50 are enough to wipe the trousers out. The
# bars of the first picture were misleading. Some of the tallest, such as $z_{46}$, are not among these six,
# and the decoder hardly looks at them. So an ordinary code is less spread out than it seems.
#
# And remember the end of notebook 07: the few latents of the sparse code are shared by most garments.
#
# ## What goes wrong
#
# 120 intervals were drawn. A 95% interval misses the truth in 5 of 100 cases. So even if sparse codes made no
# difference at all, we would expect 6 "clear" ones. And what if one takes 1.96, as many papers do? Try it on
# differences that are pure noise.

# %%
rng = np.random.default_rng(0)
pure_noise = rng.normal(size=(1_000, 120, 3))  # 1,000 papers, 120 comparisons, 3 seeds, no effect
means = pure_noise.mean(axis=2)
errors = pure_noise.std(axis=2, ddof=1) / np.sqrt(3)
false = {t: (np.abs(means) > t * errors).sum(axis=1) for t in (4.303, 1.96)}
real = {t: sum(abs(m) > h * t / 4.303 for m, h in intervals.values()) for t in (4.303, 1.96)}
for t in (4.303, 1.96):
    print(
        f"factor {t}: of 120 comparisons of nothing, {false[t].mean():.0f} are 'clear' on average"
    )
    print(f"   in our figure: {real[t]} of {len(intervals)}")
assert 5 < false[4.303].mean() < 7 and 20 < false[1.96].mean() < 25

# %%
figure, ax = plt.subplots(figsize=(7, 2.8))
for colour, (t, counts) in zip(("C0", "C2"), false.items()):
    ax.hist(counts, bins=np.arange(60) - 0.5, color=colour, alpha=0.8, label=f"factor {t}")
ax.set(xlabel='"clear" differences of 120, where there are none', yticks=[])
ax.spines["left"].set_visible(False)
ax.legend()
plt.show()

# %% [markdown]
# With the right factor about 6 of 120 are found by chance, with 1.96 more than 20. The first number is the price
# of asking 120 questions, the second a mistake. So read the forest plot as a whole. A single line that
# excludes 0 proves nothing. Six lines that all lean the same way, for one task, do mean something. (They
# are not independent: all share the runs of the ordinary VAE.)
#
# How would you notice in a paper? Count the comparisons that were made, not those that are shown. Ask how many
# seeds there were, and which factor.
#
# ## Summary
#
# 1. With few labels sparse codes are better features than all 50 latents of an ordinary VAE, and no better than its
#    live ones. With many labels they are worse ones for a linear probe. More robust they are not.
# 2. Compare models seed by seed, with a t-interval: the factor is 4.303 for three seeds.
# 3. Which latents matter for an image is found by switching them off, not by their size.

# %% [markdown]
# ## An open question
#
# Nobody has checked this one. **Can people read the latents of a sparse code more easily than others?** That is often
# said, and no accuracy measures it. Invent a test with people in it: two or three friends are enough to begin.
#
# <details><summary>What a good report has in it</summary>
#
# - **The question that you asked, word for word.** Such as: "Here are eight pictures in which one latent moves. What
#   does it change?" Or: "Which of these four pictures comes next?" The second has a right answer.
# - **Blind**: nobody knows which model a picture comes from, you included. The order is drawn by lot.
# - **Controls**: the ordinary VAE's live latents, the same number of them; and latents mixed by a random rotation, which
#   should be the worst. What does pure guessing score?
# - **Several models of each kind.** One sparse model against one ordinary one compares two seeds.
# - **The interval over models and people**, paired. State how many comparisons you looked at.
# - What would have changed your mind, written down first.
# </details>

# %% [markdown]
# ## Questions
#
# Answer each before you unfold it.
#
# <details><summary>1. Why are differences taken seed by seed?</summary>
#
# Both models of a seed see the same data and the same labels. What makes a seed easy or hard for both cancels
# in the difference. The interval becomes narrower, if the pairs have something in common.
# </details>
#
# <details><summary>2. An interval for a difference is 1.0 ± 3.9. Does that show that there is no
# difference?</summary>
#
# No. It shows that three seeds cannot tell. A loss of 2.9 and a gain of 4.9 are both compatible with it.
# </details>
#
# <details><summary>3. Why must a probe be simple?</summary>
#
# A large network could undo whatever the codes do, and would reach the same accuracy from any codes that keep
# the information. You would measure the network.
# </details>
#
# <details><summary>4. You try six gammas, and report the one that is best on the test images. What is
# wrong?</summary>
#
# The best of six is lucky as well as good. Choose on validation images, and report the test images of that
# one gamma (notebook 07, exercise 3).
# </details>
#
# <details><summary>5. The largest number of a code is z_7 = 4. Is latent 7 what matters for this
# image?</summary>
#
# Not necessarily. The decoder may multiply it by almost nothing. Only decoding without it tells.
# </details>

# %% [markdown]
# ## Sources
#
# - N. Miao et al., "On incorporating inductive biases into VAEs", ICLR 2022: the claim about few labels.
# - G. Alain and Y. Bengio, "Understanding intermediate layers using linear classifier probes", ICLR 2017.
# - Student, "The probable error of a mean", Biometrika 1908: the factor for three seeds.
# - The runs: `docs/results.md`, claim 6, which also has those with a KL of weight 4.
#
# ## What next
#
# Gates are one structure inside g. [Notebook 09](09_hierarchy_and_composition.ipynb) builds another, coarse to
# fine, and puts mappings one after the other.
