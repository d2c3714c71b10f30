// "Show me this in Keras": the Python that trains the InteL row's model, or the ordinary one's, with the package.

import { SHAPING, FIRST_RATE, FIRST_WIDTH, LAST_RATE } from "../model/training.js";
import { CLIP } from "../model/optimizer.js";
import { COMPONENTS } from "../model/mixture.js";
import { HIDDEN } from "./state.js";

const round = (value, digits = 4) => String(Number(value.toPrecision(digits)));

/** The Python lines. @param {object} state  the page's  @param {string} row  "ordinary" or "intel" */
export function kerasCode(state, row) {
  const { batch, covariance, n, seed, steps, start } = state;
  if (state.data === "drawn" && !state.points.length) return "# Draw some points first.\n";
  const intel = row === "intel", mapping = intel ? mappingCode(state) : null;
  const prior = !intel && state.prior === "mixture" ? `priors.GaussianMixture(${COMPONENTS})` : null;
  const epochs = Math.max(1, Math.round(steps / Math.ceil(n / batch)));
  const watchers = watcherCode(state, intel);
  const modules = ["InteLVAE", watchers.length && "callbacks", setName(state) && "datasets", "likelihoods",
    mapping && "mappings", "networks", prior && "priors"].filter(Boolean);
  return [
    "import keras",
    ...(setName(state) && !turned(state, intel) ? [] : ["import numpy as np"]),
    `from intelvae_keras import ${modules.join(", ")}`,
    "",
    `keras.utils.set_random_seed(${seed})`,
    ...dataCode(state),
    ...(turned(state, intel) ? turnCode(state) : []),
    "vae = InteLVAE(",
    "    latent_dim=2,",
    `    encoder=networks.mlp_encoder([${HIDDEN}, ${HIDDEN}]),`,
    ...(mapping ? [`    mapping=${mapping},`] : []),
    `    decoder=networks.mlp_decoder((2,), [${HIDDEN}, ${HIDDEN}]),`,
    '    likelihood=likelihoods.Gaussian(scale="learned", initial_scale=0.5),',
    `    posterior="${covariance}",`,
    ...(prior ? [`    prior=${prior},`] : []),
    ")",
    "vae.build((None, 2))",
    ...startCode(covariance, start),
    `rate = keras.optimizers.schedules.CosineDecay(${FIRST_RATE}, ${steps}, alpha=${round(LAST_RATE / FIRST_RATE)})`,
    `vae.compile(optimizer=keras.optimizers.Adam(rate, global_clipnorm=${CLIP.toFixed(1)}))`,
    ...(watchers.length ? ["watchers = [", ...watchers.map((line) => `    ${line},`), "]"] : []),
    `vae.fit(x, epochs=${epochs}, batch_size=${batch}${watchers.length ? ", callbacks=watchers" : ""})`,
    "print(vae.evaluate(x, return_dict=True))  # kl; reconstruction, which is -log p(x|z)",
    "",
  ].join("\n");
}

/** The name of the package's data set, if it has this one. */
const setName = ({ data }) => ({ circle: "circle", eight: "figure_eight", clusters: "clusters", star: "star", rings: "two_rings" })[data];

function dataCode(state) {
  const { n, noise, parts, points, seed, data } = state, name = setName(state);
  if (name) {
    const more = { clusters: `, k=${parts}`, star: `, arms=${parts}` }[data] ?? "";
    return [`x, _ = datasets.${name}(${n}${more}, noise=${round(noise)}, seed=${seed})`];
  }
  const random = `random = np.random.default_rng(${seed})`;
  if (data === "blob") return [random, `x = random.normal(0, ${round(noise)}, (${n}, 2)).astype("float32")`];
  const list = points.map(([a, b]) => `(${a.toFixed(2)}, ${b.toFixed(2)})`);
  const rows = [];
  for (let at = 0; at < list.length; at += 6) rows.push(`    ${list.slice(at, at + 6).join(", ")},`);
  return [random, "points = np.array([", ...rows, "])", `x = points[random.integers(len(points), size=${n})]`,
    `x = (x + random.normal(0, ${round(noise)}, x.shape)).astype("float32")`];
}

const turned = ({ g, angle, strength }, intel) => intel && angle !== 0 && ((g === "clusters" && strength > 0) || g === "star");

function turnCode(state) {
  const { angle } = state;
  return [
    `a = np.deg2rad(${round(angle)})  # g turns the plane back, cuts it, and turns it again`,
    "turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])",
    `cut = ${mappingCode({ ...state, angle: 0 })}`,
  ];
}

function mappingCode(state) {
  const { g, K, strength, width } = state;
  const call = {
    none: null,
    circle: "mappings.Circle()",
    eight: "mappings.FigureEight()",
    clusters: strength > 0 ? `mappings.Clusters(${K}, strength=${round(strength)}, width=${round(width)})` : null,
    star: `mappings.Star(${K}, width=${round(width)})`,
    rings: `mappings.TwoRings(width=${round(width)})`,
  }[g];
  if (!call || !turned(state, true)) return call;
  return `keras.Sequential([mappings.Linear(turn.T), cut, mappings.Linear(turn)])`;
}

function watcherCode({ g, strength, steps, warmup }, intel) {
  const shaping = Math.round(SHAPING * steps), lines = [];
  if (warmup > 0) lines.push(`callbacks.KLWarmup(steps=${Math.round(warmup * steps)})`);
  if (intel && g === "clusters" && strength > 0) {
    lines.push(`callbacks.WidthAnnealing(steps=${shaping}, start=${FIRST_WIDTH.toFixed(1)})`);
  }
  if (intel && g === "star") lines.push(`callbacks.Folding(steps=${shaping})`);
  return lines;
}

/** The scale of q(y|x) before training: biases of the posterior's layer. */
function startCode(covariance, start) {
  if (start === 1) return []; // the package's own
  const raw = round(Math.log(Math.expm1(start)) - Math.log(Math.expm1(1)));
  const bias = covariance === "full" ? `[0, 0, ${raw}, 0, ${raw}]` : `[0, 0, ${raw}, ${raw}]`;
  return [`vae.posterior_layer.linear.bias.assign(${bias})  # q(y|x) starts with the scale ${round(start)}`];
}
