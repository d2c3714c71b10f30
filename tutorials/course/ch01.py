"""Exercises of notebook 01, a VAE from scratch."""

import keras
import numpy as np
import tensorflow as tf

from course.exercise import Exercise, GivesNaN, Mistake, call, close, desk, numbers, run, trains
from course.gradients import wrong_gradient


def _can_train(answer):
    return trains(answer, np.zeros((2, 3), "float32"), np.zeros((2, 3), "float32"))


# ------------------------------------------------------------------ the KL divergence


def my_kl(mean, log_variance):
    """KL(N(mean, exp(log_variance)) || N(0, 1)), summed over the latents, shape (batch,)."""
    per_latent = 0.5 * (tf.exp(log_variance) + tf.square(mean) - 1.0 - log_variance)
    return tf.reduce_sum(per_latent, axis=-1)


def _kl_in_loops(mean, log_variance):
    totals = []
    for row_mean, row_log_variance in zip(mean, log_variance, strict=True):
        total = 0.0
        for m, v in zip(row_mean, row_log_variance, strict=True):
            total += 0.5 * (float(np.exp(v)) + float(m) ** 2 - 1 - float(v))
        totals.append(total)
    return totals


def _kl_mean(mean, log_variance):
    return np.mean(0.5 * (np.exp(log_variance) + mean**2 - 1 - log_variance), axis=-1)


def _kl_sigma(mean, log_variance):
    return np.sum(0.5 * (np.exp(0.5 * log_variance) + mean**2 - 1 - log_variance), axis=-1)


def _kl_sign(mean, log_variance):
    return 0.5 * np.sum(1 + log_variance - mean**2 - np.exp(log_variance), axis=-1)


def _kl_no_half(mean, log_variance):
    return np.sum(np.exp(log_variance) + mean**2 - 1 - log_variance, axis=-1)


def _kl_log_sigma(mean, log_variance):
    return my_kl(mean, 2 * log_variance).numpy()


def _kl_swapped(mean, log_variance):
    return my_kl(log_variance, mean).numpy()


def _kl_reversed(mean, log_variance):
    return 0.5 * np.sum((1 + mean**2) / np.exp(log_variance) - 1 + log_variance, axis=-1)


def _kl_over_examples(mean, log_variance):
    return np.sum(0.5 * (np.exp(log_variance) + mean**2 - 1 - log_variance), axis=0)


def _kl_log_of_log(mean, log_variance):
    return 0.5 * np.sum(log_variance + mean**2 - 1 - np.log(log_variance), axis=-1)


def _kl_mu_not_squared(mean, log_variance):
    return 0.5 * np.sum(np.exp(log_variance) + mean - 1 - log_variance, axis=-1)


def _kl_absolute_mu(mean, log_variance):
    return _kl_mu_not_squared(np.abs(mean), log_variance)


def _kl_of_batch(mean, log_variance):
    return np.mean(my_kl(mean, log_variance))


def _kl_variance_stopped(mean, log_variance):
    return my_kl(mean, tf.stop_gradient(log_variance))


def _judge_kl(answer):
    rng = np.random.default_rng(0)
    mean = rng.normal(size=(5, 3)).astype("float32")
    log_variance = rng.normal(-1, 1, size=(5, 3)).astype("float32")
    mean[0], log_variance[0] = (1, 0, 0), (2 * np.log(0.5), 0, 0)  # 0.818 nats
    try:
        value = run(answer, mean, log_variance)
    except GivesNaN:
        return (
            "It gives NaN. Do you take the log, or the root, of `log_variance`? It may be below 0."
        )
    right = my_kl(mean, log_variance).numpy()
    if value.shape == (3,):
        return "You sum over the examples. The KL is the sum over the latents, the last axis."
    if value.shape == (5, 3):
        return "It gives one number per latent. The KL is the sum over the latents, the last axis."
    if value.shape == ():
        return "It gives one number for the whole batch. Give one per example, shape (5,) here."
    if value.shape != (5,):
        return f"Its shape must be (5,) for five examples; yours has {value.shape}."
    known = {
        "You average over the latents. The KL is the sum over them.": _kl_mean,
        "You take sigma where sigma^2 belongs. The variance is exp(log_variance).": _kl_sigma,
        "The sign is wrong: a KL divergence is never below 0.": _kl_sign,
        "It is twice too large. Where is the factor 1/2?": _kl_no_half,
        "You take mu where mu^2 belongs.": _kl_mu_not_squared,
        "You take `log_variance` for log sigma. It is log sigma^2.": _kl_log_sigma,
        "You take `mean` for `log_variance`, and the other way round.": _kl_swapped,
        "This is KL(N(0, 1) || q), the other order. You want q first.": _kl_reversed,
    }
    for message, mistake in known.items():
        if close(value, mistake(mean, log_variance)):
            return message
    if not close(value[:1], right[:1]):
        return f"For N(1, 0.5^2) it should give 0.818 nats; yours gives {value[0]:.3f}."
    if not close(value, right):
        return (
            "For N(1, 0.5^2) it gives 0.818 nats, which is right. For other posteriors it is wrong."
        )
    if wrong_gradient(answer, my_kl, mean, log_variance):
        return (
            "The value is right, but its gradient is not. Is a part stopped, or taken from NumPy?"
        )
    return None


kl = Exercise(
    name="kl",
    judge=_judge_kl,
    reference=my_kl,
    second=_kl_in_loops,
    wrong={
        "mean in place of sum": (_kl_mean, "average over the latents"),
        "sigma for sigma^2": (_kl_sigma, "sigma^2 belongs"),
        "sign": (_kl_sign, "sign is wrong"),
        "no half": (_kl_no_half, "twice too large"),
        "log sigma": (_kl_log_sigma, "for log sigma"),
        "arguments swapped": (_kl_swapped, "the other way round"),
        "the other KL": (_kl_reversed, "the other order"),
        "wrong axis": (_kl_over_examples, "sum over the examples"),
        "log of the log": (_kl_log_of_log, "It may be below 0"),
        "mu for mu^2": (_kl_mu_not_squared, "mu^2 belongs"),
        "absolute mu": (_kl_absolute_mu, "For other posteriors"),
        "mean over the batch": (_kl_of_batch, "for the whole batch"),
        "a part stopped": (_kl_variance_stopped, "its gradient is not"),
        "another formula": (lambda mean, log_variance: np.sum(mean**2, axis=-1), "0.818"),
    },
    hints=(
        "For one latent: KL = 1/2 (sigma^2 + mu^2 - 1 - log sigma^2).",
        "You are given log sigma^2. So sigma^2 = exp(log_variance).",
        "Sum over the last axis only, so that one number per example is left.",
    ),
    why=(
        "Independent latents have densities that multiply, so their logarithms, and with them their "
        "KLs, add up. A mean over the latents would make the KL M times too weak."
    ),
    fits=_can_train,
)

# ------------------------------------------------------------------ reparameterisation


def my_draw(mean, log_variance):
    """One draw of y ~ N(mean, exp(log_variance)) per row, shape (batch, M)."""
    noise = tf.random.normal(tf.shape(mean))
    return mean + tf.exp(0.5 * log_variance) * noise


def _draw_with_keras(mean, log_variance):
    noise = keras.random.normal(keras.ops.shape(mean))
    return keras.ops.add(keras.ops.sqrt(keras.ops.exp(log_variance)) * noise, mean)


def _draw_variance(mean, log_variance):
    return mean + tf.exp(log_variance) * tf.random.normal(tf.shape(mean))


def _draw_log(mean, log_variance):
    return mean + log_variance * tf.random.normal(tf.shape(mean))


def _draw_root(mean, log_variance):
    return mean + tf.sqrt(log_variance) * tf.random.normal(tf.shape(mean))


def _draw_detached(mean, log_variance):
    scale = np.exp(0.5 * np.asarray(log_variance))
    return np.random.normal(np.asarray(mean), scale)


def _draw_scale_detached(mean, log_variance):
    scale = tf.stop_gradient(tf.exp(0.5 * log_variance))
    return mean + scale * tf.random.normal(tf.shape(mean))


def _draw_same_noise(mean, log_variance):
    return mean + tf.exp(0.5 * log_variance) * tf.random.normal((1, 2))


def _draw_one_noise_per_row(mean, log_variance):
    return mean + tf.exp(0.5 * log_variance) * tf.random.normal((tf.shape(mean)[0], 1))


def _draw_fixed(mean, log_variance):
    noise = tf.random.stateless_normal(tf.shape(mean), seed=(1, 2))
    return mean + tf.exp(0.5 * log_variance) * noise


def _draw_uniform(mean, log_variance):
    noise = tf.random.uniform(tf.shape(mean), -(3**0.5), 3**0.5)  # of standard deviation 1
    return mean + tf.exp(0.5 * log_variance) * noise


def _judge_draw(answer):
    mean = tf.tile([[1.0, -2.0]], (100_000, 1))
    log_variance = tf.tile([[2 * np.log(0.5), 2 * np.log(2.0)]], (100_000, 1))
    log_variance = tf.cast(log_variance, "float32")
    with tf.GradientTape() as tape:
        tape.watch([mean, log_variance])
        draws = call(answer, mean, log_variance)
        total = (
            tf.reduce_sum(tf.cast(draws, "float32")) if tf.is_tensor(draws) else tf.constant(0.0)
        )
    try:
        values = numbers(draws, (100_000, 2))
    except GivesNaN:
        return "It gives NaN. `log_variance` may be below 0, and then it has no root."
    deviation = values.std(axis=0)
    if close(deviation, [0, 0], 1e-3):
        return "All rows are the same: each example needs noise of its own."
    if not close(values.mean(axis=0), [1, -2], 0.03):
        return (
            f"The mean of the draws should be (1, -2); yours is {np.round(values.mean(axis=0), 2)}."
        )
    if close(deviation, [0.25, 4], 0.05):
        return "Their standard deviation is sigma^2. Take exp(0.5 * log_variance) for sigma."
    if not close(deviation, [0.5, 2], 0.05):
        return f"Their standard deviation should be (0.5, 2); yours is {np.round(deviation, 2)}."
    noise = (values - [1, -2]) / [0.5, 2]
    if abs(np.mean(noise[:, 0] * noise[:, 1])) > 0.1:
        return "Both latents of an example get the same noise. Draw it in the shape of `mean`."
    if abs(np.mean(noise**4) - 3) > 0.5:  # 3 for a Gaussian; its error here is about 0.02
        return "Mean and standard deviation are right, but the noise is not Gaussian."
    if close(numbers(call(answer, mean, log_variance), (100_000, 2)), values):
        return "A second call gives the same draws: the noise must be new each time."
    to_mean, to_log_variance = tape.gradient(total, [mean, log_variance])
    if to_mean is None:
        return "No gradient flows back to `mean`. Build y from tensors: mean + sigma * noise."
    if to_log_variance is None or not close(
        to_log_variance.numpy(), 0.5 * (values - mean.numpy()), 1e-3
    ):
        return "No gradient, or a wrong one, flows back to `log_variance`."
    return None


draw = Exercise(
    name="draw",
    judge=_judge_draw,
    reference=my_draw,
    second=_draw_with_keras,
    wrong={
        "exp(log_variance) as sigma": (_draw_variance, "standard deviation is sigma^2"),
        "log_variance as sigma": (_draw_log, "should be (0.5, 2)"),
        "its root as sigma": (_draw_root, "then it has no root"),
        "drawn by NumPy": (_draw_detached, "No gradient flows back to `mean`"),
        "scale detached": (_draw_scale_detached, "flows back to `log_variance`"),
        "noise shared by the batch": (_draw_same_noise, "noise of its own"),
        "noise shared by the latents": (_draw_one_noise_per_row, "get the same noise"),
        "the same noise each time": (_draw_fixed, "must be new each time"),
        "uniform noise": (_draw_uniform, "not Gaussian"),
        "the mean itself": (lambda mean, log_variance: mean + 0 * log_variance, "noise of its own"),
    },
    hints=(
        "Draw noise from N(0, 1) in the shape of `mean`. Then shift it, and stretch it.",
        "sigma = exp(0.5 * log_variance).",
        "Use tf.random.normal(tf.shape(mean)): NumPy's draws would cut the gradient.",
    ),
    why=(
        "All chance is in the noise, which depends on no weight. So y is a smooth function of mean and "
        "log_variance, and its derivatives with respect to both are known."
    ),
    fits=_can_train,
)

# ------------------------------------------------------------------ test_step


class _Tiny(keras.Model):
    """A model with the three things that the notebook's `test_step` may use."""

    def __init__(self):
        super().__init__()
        self.weight = self.add_weight(shape=(), initializer="ones", name="weight")
        self.kl_weight = 0.5
        self.means = {name: keras.metrics.Mean(name) for name in ("elbo", "reconstruction", "kl")}
        self.built = True
        self.compile(optimizer="sgd")

    @property
    def metrics(self):
        return list(self.means.values())

    def terms(self, x):
        """-log p(x|z) and the KL for each example, made up."""
        return self.weight * tf.reduce_sum(x, axis=-1), tf.square(x[:, 0])

    def train_step(self, data):
        self.weight.assign_sub(0.1)
        return my_test_step(self, data)

    def report(self, reconstruction, kl):
        self.means["elbo"].update_state(-(reconstruction + kl))
        self.means["reconstruction"].update_state(reconstruction)
        self.means["kl"].update_state(kl)
        return {name: mean.result() for name, mean in self.means.items()}


def my_test_step(self, data):
    """The ELBO of a batch, without a step of training."""
    x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
    reconstruction, kl = self.terms(x)
    return self.report(reconstruction, kl)


def _test_step_by_hand(self, data):
    x = data[0] if isinstance(data, tuple) else data
    reconstruction, kl = self.terms(x)
    for name, value in zip(
        ("elbo", "reconstruction", "kl"), (-reconstruction - kl, reconstruction, kl), strict=True
    ):
        self.means[name].update_state(value)
    return {mean.name: mean.result() for mean in self.metrics}


def _test_step_not_unpacked(self, data):
    return self.report(*self.terms(data))


def _test_step_empty(self, data):
    self.terms(keras.utils.unpack_x_y_sample_weight(data)[0])
    return {}


def _test_step_no_return(self, data):
    my_test_step(self, data)


def _test_step_batch(self, data):
    reconstruction, kl = self.terms(keras.utils.unpack_x_y_sample_weight(data)[0])
    return {"elbo": -tf.reduce_mean(reconstruction + kl)}


def _test_step_loss(self, data):
    reconstruction, kl = self.terms(keras.utils.unpack_x_y_sample_weight(data)[0])
    self.means["elbo"].update_state(reconstruction + kl)
    return {"elbo": self.means["elbo"].result()}


def _test_step_trains(self, data):
    self.weight.assign_sub(0.1)
    return my_test_step(self, data)


def _test_step_copied(self, data):
    x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
    with tf.GradientTape() as tape:
        reconstruction, kl = self.terms(x)
        loss = tf.reduce_mean(reconstruction + self.kl_weight * kl)
    gradients = tape.gradient(loss, self.trainable_variables)
    self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
    return self.report(reconstruction, kl)


def _test_step_weighted(self, data):
    reconstruction, kl = self.terms(keras.utils.unpack_x_y_sample_weight(data)[0])
    return self.report(reconstruction, self.kl_weight * kl)


def _test_step_swapped(self, data):
    kl, reconstruction = self.terms(keras.utils.unpack_x_y_sample_weight(data)[0])
    return self.report(reconstruction, kl)


def _test_step_first_of_data(self, data):
    return self.report(*self.terms(data[0]))


def _test_step_elbo_alone(self, data):
    return {"elbo": my_test_step(self, data)["elbo"]}


def _judge_test_step(answer):
    x = np.random.default_rng(0).normal(size=(10, 3)).astype("float32")
    parts = {"reconstruction": x.sum(axis=-1).mean(), "kl": np.mean(x[:, 0] ** 2)}
    expected = -float(sum(parts.values()))
    for pack in (lambda x: x, lambda x: (x,), lambda x: (x, tf.zeros(len(x)))):
        model = _Tiny()
        try:
            for batch in (x[:4], x[4:8], x[8:]):
                logs = call(answer, model, pack(tf.constant(batch)))
        except Mistake as mistake:
            if "argument" in str(mistake):
                raise
            if not isinstance(pack(x), tuple):
                call(answer, _Tiny(), (tf.constant(x),))  # raises, unless it wants a tuple
                return (
                    "It fails where Keras hands over x alone, without a tuple around it. "
                    "keras.utils.unpack_x_y_sample_weight(data) gives x in each case."
                )
            return (
                "It fails where Keras hands over a tuple, (x,) or (x, y). "
                "keras.utils.unpack_x_y_sample_weight(data) gives x in each case."
            )
        if not isinstance(logs, dict) or "elbo" not in logs:
            shown = sorted(map(str, logs)) if isinstance(logs, dict) and logs else "nothing"
            return (
                f"It should return a dict with 'elbo', for `evaluate` to report; it gives {shown}."
            )
        value = float(numbers(logs["elbo"], ()))
        if float(model.weight) != 1.0:
            return "The weights have changed. A test step measures; it does not train."
        if close(value, -(parts["reconstruction"] + model.kl_weight * parts["kl"])):
            return "The ELBO has the whole KL. `kl_weight` belongs to the loss of the training."
        if close(value, -expected):
            return "The sign is wrong: the ELBO is minus (reconstruction + KL)."
        if not close(value, expected):
            return (
                f"Over three batches the ELBO should be {expected:.3f}; yours is {value:.3f}. "
                "Update the running means, so that all batches count."
            )
        for name, part in parts.items():
            if name not in logs:
                return f"The cells below need {name!r} too. `self.report` returns all three."
            if not close(numbers(logs[name], ()), part):
                return f"The ELBO is right, but {name!r} is not. `terms` gives the reconstruction first."
    return None


def _compiles(answer):
    """Whether `evaluate`, which compiles it, can use it: a `.numpy()` in it is right only eagerly."""
    model = _Tiny()
    try:
        tf.function(lambda x: answer(model, (x,)), autograph=False)(tf.ones((2, 3)))
    except Exception:
        return False
    return True


test_step = Exercise(
    name="test_step",
    judge=_judge_test_step,
    reference=my_test_step,
    second=_test_step_by_hand,
    wrong={
        "an empty dict": (_test_step_empty, "gives nothing"),
        "data taken for x": (_test_step_not_unpacked, "hands over a tuple"),
        "the last batch": (_test_step_batch, "so that all batches count"),
        "the loss as ELBO": (_test_step_loss, "sign is wrong"),
        "a step of training": (_test_step_trains, "does not train"),
        "a copy of train_step": (_test_step_copied, "does not train"),
        "train_step itself": (lambda self, data: self.train_step(data), "does not train"),
        "a weighted KL": (_test_step_weighted, "has the whole KL"),
        "terms swapped": (_test_step_swapped, "the reconstruction first"),
        "the first of data": (_test_step_first_of_data, "without a tuple"),
        "the model called": (lambda self, data: self(data), "It raises NotImplementedError"),
        "the ELBO alone": (_test_step_elbo_alone, "returns all three"),
        "too few arguments": (lambda data: {}, "must take 2 argument"),
        "no return": (_test_step_no_return, "gives nothing"),
    },
    hints=(
        "Start from `train_step`, and take out what trains: the tape and the optimizer.",
        "unpack_x_y_sample_weight(data) gives x; self.terms(x) gives reconstruction and KL.",
        "self.report(reconstruction, kl) updates the running means, and returns them.",
    ),
    why=(
        "A measurement must not change what it measures, so there is no tape and no optimizer. The "
        "running means weigh each batch, so the report is of all the data and not of the last batch."
    ),
    fits=_compiles,
)

hint, solution = desk(kl, draw, test_step)
__all__ = ["draw", "hint", "kl", "solution", "test_step"]
