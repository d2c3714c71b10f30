// The page's parts that need no browser: the address, the measures, the missions, the remarks.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load, settings } from "./settings.mjs";

const { OPENING, SETTINGS, chosen, defaults, fromAddress, holdsSettings, needsReset, startOf, toAddress } = await load("page/state.js");
const { MISSIONS } = await load("page/missions.js");
const { Progress } = await load("page/progress.js");
const { advice, comparison, diagnose, remark, sentence } = await load("page/remarks.js");
const { live } = await load("page/changes.js");
const { kerasCode } = await load("page/keras-code.js");
const { drawData } = await load("model/data.js");
const { OffData } = await load("model/off-data.js");
const { generator } = await load("model/random.js");
const { Training } = await load("model/training.js");
const { logLikelihood } = await load("model/measures.js");

test("the address holds the state, and defaults are not spelled", () => {
  assert.equal(toAddress(startOf(OPENING)), "");
  assert.deepEqual(fromAddress(""), startOf(OPENING)); // the page opens in a mission
  assert.deepEqual(fromAddress(toAddress(defaults())), defaults()); // also where the reader plays freely
  assert.equal(fromAddress("#seed=3").mission, "");
  const state = { ...defaults(), data: "drawn", g: "clusters", K: 7, width: 0.02, seed: 12, points: [[0.5, -0.25], [-1.5, 1.5]] };
  const back = fromAddress(`#${toAddress(state)}`);
  assert.equal(back.points.length, 2);
  back.points.flat().forEach((value, i) => assert.ok(Math.abs(value - state.points.flat()[i]) < 1e-3));
  assert.deepEqual({ ...back, points: 0 }, { ...state, points: 0 });
});

test("a mission's address starts from its setting, and keeps what was changed since", () => {
  const start = fromAddress("#mission=collapse");
  assert.equal(start.warmup, 0);
  const changed = fromAddress(toAddress({ ...start, warmup: 0.4 }));
  assert.deepEqual([changed.mission, changed.warmup, changed.start], ["collapse", 0.4, 1]);
});

test("an address that makes no sense gives defaults, and numbers stay in their range", () => {
  const state = fromAddress("#data=cat&K=99&noise=abc&width=&points=!!!!&seed=-4&mission=none&steps=Infinity");
  assert.equal(state.data, "circle");
  assert.equal(state.K, SETTINGS.K.high);
  assert.equal(state.noise, 0.05);
  assert.equal(state.width, 0.01);
  assert.deepEqual(state.points, []);
  assert.equal(state.seed, 1);
  assert.equal(state.mission, "");
  assert.equal(state.steps, 4000);
});

test("data and g come with the recipe that serves them", () => {
  const { width, batch, steps, noise } = chosen(chosen(defaults(), "data", "star"), "g", "star");
  assert.deepEqual([width, batch, steps, noise], [0.1, 128, 6000, 0.03]);
  assert.equal(chosen({ ...defaults(), width: 0.3 }, "g", "circle").width, 0.3); // it uses none
});

test("g changes a trained model, the seed begins anew", () => {
  assert.ok(!needsReset(defaults(), { ...defaults(), g: "eight", strength: 4 }));
  assert.ok(needsReset(defaults(), { ...defaults(), seed: 2 }));
});

test("a heading's address says nothing of the settings", () => {
  assert.ok(!holdsSettings("#what-you-see"));
  assert.ok(holdsSettings("#seed=3") && holdsSettings(""));
});

test("without points there is no Python to run", () => {
  assert.equal(kerasCode({ ...defaults(), data: "drawn" }, "intel"), "# Draw some points first.\n");
});

test("off the data agrees with the distance to the nearest of all points", () => {
  const options = { noise: 0.1, parts: 5 }, all = drawData("clusters", options, 2000, generator(1));
  const offData = new OffData(all), samples = generator(2).fillNormal(new Float64Array(2000));
  let differ = 0, off = 0;
  for (let r = 0; r < 1000; r++) {
    let nearest = Infinity;
    for (let s = 0; s < all.n; s++) {
      nearest = Math.min(nearest, Math.hypot(samples[2 * r] - all.x[2 * s], samples[2 * r + 1] - all.x[2 * s + 1]));
    }
    const told = offData.test(samples[2 * r], samples[2 * r + 1]);
    off += told;
    // Cells of 0.01 may err near the limit, and only there.
    if (told !== nearest > 0.1) assert.ok(Math.abs(nearest - 0.1) < 0.015, `at a distance of ${nearest}`);
    differ += told !== nearest > 0.1;
  }
  assert.ok(off > 100 && off < 900);
  assert.ok(differ < 20);
});

test("log p(x) is exact where the decoder ignores z", () => {
  const data = drawData("blob", { noise: 0.5 }, 200, generator(3));
  const training = new Training(settings(), data), { model } = training;
  model.decoder.layers.forEach(({ kernel }) => kernel.fill(0)); // then p(x) = N(x; 0, sigma^2 I)
  const iterator = logLikelihood(model, data, 200, 4, generator(4));
  let next = iterator.next();
  while (!next.done) next = iterator.next();
  // q is not the prior, so single weights differ from p(x): their log-mean is a lower bound in expectation.
  const sigma = model.likelihood.sigma, squares = data.x.reduce((sum, value) => sum + value * value, 0) / 200;
  const exact = -squares / (2 * sigma ** 2) - 2 * Math.log(sigma) - Math.log(2 * Math.PI);
  assert.ok(next.value < exact);
  model.encoder.layers.at(-1).kernel.fill(0); // q = the prior: every weight is p(x)
  model.encoder.layers.at(-1).bias.fill(0);
  const again = logLikelihood(model, data, 200, 4, generator(4));
  for (next = again.next(); !next.done;) next = again.next();
  assert.ok(Math.abs(next.value - exact) < 1e-3, `${next.value}, exactly ${exact}`);
});

test("training is repeated by its seed, and stops in nothing that is not a number", () => {
  const data = drawData("clusters", { noise: 0.1, parts: 5 }, 300, generator(1));
  const run = () => {
    const training = new Training(settings({ steps: 60, g: { name: "clusters" } }), data);
    while (training.step < 60) training.advance();
    return training.model.weights;
  };
  const weights = run();
  assert.deepEqual(weights, run());
  assert.ok(weights.every(Number.isFinite));
});

// ------------------------------------------------------------------ missions

const figure = (off, kl, reconstruction, logP) => ({ off, kl, reconstruction, logP, sigma: 0.06 });
const GOOD = figure(0.001, 3.5, -2.4, -0.3), BAD = figure(0.04, 3.6, -2.7, -0.5);

function play(name) {
  const progress = new Progress(name), state = { ...defaults(), ...MISSIONS[name].setting };
  const say = (event) => progress.observe({ step: state.steps, state, figures: { ordinary: BAD, intel: GOOD }, ...event });
  return { progress, state, say };
}
const probe = (y, ordinary, intel) => ({ type: "probe", y, rows: { ordinary, intel } });
const on = (x) => ({ x, off: false }), off = (x) => ({ x, off: true });

test("no mission goes on before the prediction", () => {
  for (const name of Object.keys(MISSIONS)) {
    const { progress, say } = play(name);
    assert.equal(say({ type: "rest" }), false);
    assert.ok(!progress.done.includes(true));
    assert.ok(MISSIONS[name].right < MISSIONS[name].options.length);
  }
});

test("bridge and gap: found on both sides of a ray, not within one cluster", () => {
  const { progress, say } = play("bridge");
  progress.prediction = 1;
  say({ type: "rest" });
  say(probe([0, 1], on([1, 0]), on([1, 0])));
  assert.deepEqual(progress.done, [true, false, false]);
  assert.match(progress.hint, /Drawn on the data/);
  say(probe([0, 1], off([0.6, 0.3]), on([1, 0])));
  say(probe([0.1, 1], on([1, 0]), on([1, 0.1])));
  say(probe([0.15, 1], on([1, 0]), on([0.95, 0.1])));
  say(probe([2, 1], on([1, 0]), on([0.31, 0.95]))); // another cluster, but far away
  assert.ok(!progress.complete);
  say(probe([0.3, 1.05], on([1, 0]), on([0.31, 0.95])));
  assert.ok(progress.complete && progress.predictedRight);
});

test("the hole: three places near the centre, not one place three times", () => {
  const { progress, say } = play("hole");
  progress.prediction = 0;
  say({ type: "rest" });
  say(probe([0, 0], off([1.4, 0]), on([1, 0]))); // off the data, but not in the hole
  assert.deepEqual(progress.done, [true, false, false]);
  say(probe([0, 0], off([0.3, 0]), on([1, 0])));
  for (let i = 0; i < 4; i++) say(probe([0, 0.1], on([1, 0]), on([0, 1])));
  assert.ok(!progress.complete);
  say(probe([0.2, 0], on([1, 0]), on([1, 0])));
  say(probe([-0.2, 0], on([1, 0]), on([-1, 0])));
  assert.ok(progress.complete && !progress.predictedRight);
});

test("switch g: the circle helps, the figure eight does not; and the reason", () => {
  const { progress, say } = play("switch");
  progress.prediction = 2;
  say({ type: "rest", state: { ...defaults(), g: "circle" } });
  assert.deepEqual(progress.done, [false, false, false]);
  say({ type: "rest" });
  say({ type: "change", name: "g", from: "none", to: "eight", before: BAD, after: BAD });
  assert.match(progress.hint, /did not help/);
  say({ type: "change", name: "g", from: "none", to: "circle", before: BAD, after: GOOD });
  say({ type: "why", choice: 2 });
  assert.match(progress.hint, /no weight has changed/);
  say({ type: "why", choice: 1 });
  assert.ok(progress.complete);
});

test("a wrong g: the right one first, then a worse K, then another g", () => {
  const { progress, state, say } = play("wrong");
  progress.prediction = 1;
  const worse = { ordinary: BAD, intel: figure(0.08, 2, -1, -0.6) };
  say({ type: "rest", state: { ...state, K: 3 }, figures: worse });
  assert.deepEqual(progress.done, [false, false, false]);
  say({ type: "rest" });
  say({ type: "rest", state: { ...state, K: 6 } }); // no worse
  assert.deepEqual(progress.done, [true, false, false]);
  say({ type: "rest", state: { ...state, K: 3 }, figures: worse });
  say({ type: "rest", state: { ...state, g: "circle" }, figures: worse });
  assert.ok(progress.complete);
});

test("collapse: with warm-up it is none; then the cure", () => {
  const { progress, state, say } = play("collapse");
  progress.prediction = 0;
  const collapsed = { ordinary: figure(0.6, 0.01, 2, -2), intel: figure(0.6, 0.02, 2, -2) };
  say({ type: "progress", state: { ...state, warmup: 0.4 }, figures: collapsed });
  say({ type: "rest" });
  assert.deepEqual(progress.done, [false, false]);
  say({ type: "progress", step: 500, figures: collapsed });
  say({ type: "rest", figures: collapsed });
  assert.match(progress.hint, /still collapsed/);
  say({ type: "rest" });
  assert.ok(progress.complete);
});

test("who pays: twice the strength at rest, then 300 steps", () => {
  const { progress, say } = play("kl");
  progress.prediction = 1;
  say({ type: "rest" });
  const after = figure(0.1, 3.5, 2, -3);
  say({ type: "change", name: "strength", from: 1, to: 1.5, before: GOOD, after });
  say({ type: "change", name: "width", from: 0.01, to: 0.02, before: GOOD, after });
  assert.deepEqual(progress.done, [true, false, false]);
  say({ type: "change", name: "strength", from: 1, to: 2, before: GOOD, after });
  say({ type: "progress", step: 6100 });
  assert.ok(!progress.complete);
  say({ type: "progress", step: 6300 });
  assert.ok(progress.complete);
});

test("the rival: the mixture, at rest, with the higher log p(x)", () => {
  const { progress, state, say } = play("prior");
  progress.prediction = 0;
  say({ type: "rest" });
  const mixture = { ...state, prior: "mixture" };
  say({ type: "rest", state: mixture });
  assert.ok(!progress.complete);
  say({ type: "rest", state: mixture, figures: { ordinary: { ...BAD, logP: -0.1 }, intel: GOOD } });
  assert.ok(progress.complete);
});

test("remarks name what goes wrong, and are silent where nothing does", () => {
  const base = { figures: { ...GOOD, sigma: 0.05 }, step: 4000, steps: 4000, g: { name: "clusters", K: 5 },
    state: { ...defaults(), data: "clusters", noise: 0.05, parts: 5 }, occupied: null, ordinary: false };
  assert.equal(remark(base), "");
  assert.match(remark({ ...base, figures: { ...base.figures, kl: 0.01 } }), /Collapse/);
  assert.match(remark({ ...base, figures: { ...base.figures, sigma: 0.08 } }), /inflated/);
  assert.match(remark({ ...base, figures: { ...base.figures, sigma: 0.01, kl: 9 } }), /memorises/);
  assert.match(remark({ ...base, occupied: [0.4, 0.2, 0.2, 0.2, 0] }), /Two clusters/);
  assert.match(remark({ ...base, figures: { ...base.figures, kl: NaN } }), /not a number/);
  assert.match(remark({ ...base, figures: { ...base.figures, off: 0.05 } }), /no data/);
});

// ------------------------------------------------------------------ remarks, and changes at rest

test("rows that do as well are not told apart", () => {
  const row = (off, logP) => ({ off, logP }), say = (ordinary, intel) => comparison({ ordinary, intel }, defaults());
  const same = say(row(0.038, -0.474), row(0.038, -0.474)); // g = none in both
  assert.match(same, /both have about the same log p\(x\), both put about as many/);
  assert.match(say(row(0, -0.3), row(0.001, -0.31)), /same.*as many/);
  assert.match(say(row(0.04, -0.3), row(0, -0.4)), /the ordinary VAE has the higher.*the InteL-VAE puts fewer/);
});

test("what is said of a row fits its data and its prior", () => {
  const row = { step: 4000, steps: 4000, g: { name: "none" }, occupied: null, ordinary: true };
  const state = { ...defaults(), noise: 0.05 };
  const figures = { kl: 3, sigma: 0.05, off: 0.05 };
  assert.match(remark({ ...row, figures, state }), /no hole and no gap/);
  assert.match(remark({ ...row, figures, state: { ...state, prior: "mixture" } }), /The mixture does not follow/);
  const nothing = { kl: 0.01, sigma: 0.5, off: 0 };
  assert.match(remark({ ...row, figures: nothing, state }), /^Collapse/);
  assert.match(remark({ ...row, figures: nothing, state: { ...state, data: "blob", noise: 0.5 } }), /nothing is lost/);
  const g = { name: "star", K: 5 }, star = { ...state, data: "star", g: "star", parts: 5 };
  assert.match(remark({ ...row, figures, state: star, g, occupied: [0.4, 0.2, 0.2, 0.18, 0.02] }), /Two arms share/);
});

test("a g of the wrong shape is named before all that training could do", () => {
  const row = { step: 4000, steps: 4000, occupied: null, ordinary: false };
  const bad = { kl: 3, sigma: 0.2, off: 0.32 }, inflated = { ...bad, off: 0 }, collapsed = { kl: 0.01, sigma: 0.5, off: 0 };
  const say = (data, g, figures, more = {}) =>
    remark({ ...row, g: { K: 5, ...g }, figures, state: { ...defaults(), noise: 0.05, parts: 5, ...more, data } });
  for (const figures of [bad, inflated, collapsed]) {
    assert.match(say("circle", { name: "star" }, figures), /Try g = circle\.$/);
    assert.match(say("star", { name: "circle" }, figures), /Try g = star with K = 5\.$/);
    assert.match(say("clusters", { name: "clusters", K: 3 }, figures), /in 5 parts, and g in 3\. Try K = 5\.$/);
    assert.match(say("blob", { name: "circle" }, figures), /Try g = none\.$/);
  }
  assert.match(say("circle", { name: "star" }, bad), /^32\.0% of the samples/);
  assert.match(say("circle", { name: "circle" }, inflated), /inflated.*Try more steps or another seed\.$/);
  assert.match(say("circle", { name: "circle" }, bad, { noise: 0 }), /has the data's shape, but training has not used it/);
  assert.doesNotMatch(say("drawn", { name: "star" }, bad), /does not have/);
  assert.equal(say("circle", { name: "star" }, { kl: 3, sigma: 0.05, off: 0 }), ""); // it fits: nothing to say
});

test("the g that is advised is one that suits", () => {
  const figures = { kl: 3, sigma: 0.05, off: 0.3 }, row = { figures, step: 4000, steps: 4000, occupied: null, ordinary: false };
  for (const data of ["circle", "eight", "rings", "clusters", "star", "blob"]) {
    for (const name of ["star", "clusters", "circle"]) {
      const state = { ...defaults(), noise: 0.05, parts: 4, K: 5, data, g: name }, g = (of) => ({ name: of.g, K: of.K });
      const found = diagnose({ ...row, state, g: g(state) });
      if (name === data && data === "circle") continue;
      const after = { ...state, ...found.tries[0].set };
      assert.deepEqual([after.g, after.g === "star" || after.g === "clusters" ? after.K : 4], [data === "blob" ? "none" : data, 4]);
      assert.doesNotMatch(remark({ ...row, state: after, g: g(after) }), /does not have|and g in|makes some/);
    }
  }
});

test("what is done already is not advised", () => {
  const names = ["warmup", "start", "data", "steps", "batch", "strength", "seed"];
  const first = { ...defaults(), warmup: 0, start: 1, n: 50, strength: 2 };
  const say = (state) => sentence({ text: "Bad.", tries: advice(state, ...names) });
  assert.equal(say(first),
    "Bad. Try a warm-up of 40%, a narrower start of q, more data, more steps, a larger batch, a smaller strength or another seed.");
  const all = { ...first, warmup: 0.4, start: 0.1, n: 20000, steps: 20000, batch: 256, strength: 1 };
  assert.equal(say(all), "Bad. Try another seed.");
  const followed = advice(first, ...names).reduce((state, { set }) => ({ ...state, ...set }), first);
  assert.deepEqual([followed.warmup, followed.start, followed.n, followed.steps, followed.batch, followed.strength, followed.seed],
    [0.4, 0.1, 5000, 8000, 128, 1, 2]);
  const row = { step: 4000, steps: 4000, g: { name: "circle" }, occupied: null, ordinary: false };
  const collapse = (state) => remark({ ...row, figures: { kl: 0, sigma: 0.5, off: 0 }, state: { ...state, data: "circle" } });
  assert.match(collapse(first), /Try a warm-up of 40%, a narrower start of q or another seed/);
  assert.match(collapse(all), /Try another seed\.$/);
});

test("a model that learns its few points by heart is told by fresh ones", () => {
  const row = { step: 4000, steps: 4000, g: { name: "circle" }, occupied: null, ordinary: false, trained: -3 };
  const figures = { kl: 3.4, sigma: 0.05, off: 0, reconstruction: 2.1 };
  assert.match(remark({ ...row, figures, state: { ...defaults(), n: 20 } }), /^It memorises: .* its 20 own, by 5.1 nats/);
  assert.equal(remark({ ...row, figures: { ...figures, reconstruction: -2.6 }, state: { ...defaults(), n: 20 } }), "");
});

test("a slider moved in steps counts from where training had ended", () => {
  const told = [], training = { setMapping() {} };
  const row = { name: "intel", training, measure() {}, figures: { kl: 3 } };
  const app = {
    rows: { intel: row }, now: 100, state: { ...defaults(), strength: 1 }, loop: { running: false }, changed: null,
    each: (work) => work(row), startMeasuring: (then) => then(), tell: (event) => told.push([event.from, event.to]),
  };
  const move = (strength) => {
    const before = app.state;
    app.state = { ...before, strength };
    live(app, "strength", before);
  };
  move(1.3); // and the page has measured it before the next
  move(2);
  app.now = 400; // trained on
  move(3);
  assert.deepEqual(told, [[1, 1.3], [1, 2], [2, 3]]);
});
