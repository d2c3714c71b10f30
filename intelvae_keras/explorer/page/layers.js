// Networks: the instructions that `networks.py` wrote, each turned into a function of one example.

import { SCALAR, softmax } from "./activations.js";
import { conv2d, conv2dTranspose, depthToSpace, repeat } from "./convolutions.js";

function each(input, scalar) {
  const values = new Float64Array(input.values.length);
  for (let i = 0; i < values.length; i += 1) values[i] = scalar(input.values[i]);
  return { values, shape: input.shape };
}

// On the last axis, as Keras does it.
function dense({ values, shape }, kernel, bias) {
  const [inputs, outputs] = kernel.shape;
  const rows = values.length / inputs;
  const result = new Float64Array(rows * outputs);
  const weights = kernel.values;
  for (let row = 0; row < rows; row += 1) {
    const target = row * outputs;
    if (bias) result.set(bias.values, target);
    for (let i = 0; i < inputs; i += 1) {
      const value = values[row * inputs + i];
      if (value === 0) continue; // half of all, behind a ReLU
      const start = i * outputs;
      for (let o = 0; o < outputs; o += 1) result[target + o] += value * weights[start + o];
    }
  }
  return { values: result, shape: [...shape.slice(0, -1), outputs] };
}

function activation({ name }) {
  if (name === "softmax") {
    return (input) => {
      const output = each(input, (value) => value);
      softmax(output.values, output.shape[output.shape.length - 1]);
      return output;
    };
  }
  const scalar = SCALAR[name];
  if (!scalar) throw new Error(`This page cannot run the activation ${name}.`);
  return (input) => each(input, scalar);
}

function relu({ slope, threshold, max }) {
  const scalar = (x) => (x >= threshold ? Math.min(x, max ?? Infinity) : slope * (x - threshold));
  return (input) => each(input, scalar);
}

function reshape({ shape }, { values }) {
  const known = shape.reduce((product, size) => (size < 0 ? product : product * size), 1);
  return { values, shape: shape.map((size) => (size < 0 ? values.length / known : size)) };
}

function affine({ values, shape }, scale, shift) {
  const result = new Float64Array(values.length);
  const width = scale.length;
  for (let i = 0; i < result.length; i += 1) result[i] = values[i] * scale[i % width] + shift[i % width];
  return { values: result, shape };
}

function firstHalf({ values, shape }) {
  const width = shape[shape.length - 1];
  const kept = values.filter((_, index) => index % width < width / 2);
  return { values: kept, shape: [...shape.slice(0, -1), width / 2] };
}

const MAKE = {
  dense: (step, at) => (input) => dense(input, at(step.kernel), at(step.bias)),
  conv2d: (step, at) => (input) => conv2d(input, at(step.kernel), at(step.bias), step),
  conv2d_transpose: (step, at) => (input) => conv2dTranspose(input, at(step.kernel), at(step.bias), step),
  activation,
  relu,
  elu: ({ alpha }) => (input) => each(input, (x) => (x > 0 ? x : alpha * Math.expm1(x))),
  affine: (step, at) => (input) => affine(input, at(step.scale).values, at(step.shift).values),
  reshape: (step) => (input) => reshape(step, input),
  depth_to_space: (step) => (input) => depthToSpace(input, step),
  repeat: (step) => (input) => repeat(input, step),
  first_half: () => firstHalf,
};

export const runsLayer = (step) => step.type in MAKE;

// A function from {values, shape} to {values, shape}. `tensors` are those of `unpack`.
export function network(steps, tensors) {
  const at = (index) => (index === null ? null : tensors[index]);
  const functions = steps.map((step) => {
    if (!MAKE[step.type]) throw new Error(`This page cannot run the layer ${step.type}.`);
    return MAKE[step.type](step, at);
  });
  return (input) => functions.reduce((value, run) => run(value), input);
}

export const vector = (values) => ({ values, shape: [values.length] });
