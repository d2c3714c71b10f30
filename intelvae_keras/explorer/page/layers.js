// Networks: the instructions that `page_layers.py` wrote, each turned into a function of one example.

import { SCALAR, softmax } from "./activations.js";
import { conv2d, conv2dTranspose, depthToSpace, repeat } from "./convolutions.js";

function each(input, scalar) {
  const values = new Float64Array(input.values.length);
  for (let i = 0; i < values.length; i += 1) values[i] = scalar(input.values[i]);
  return { values, shape: input.shape };
}

// On the last axis, as Keras does it. Zeros are passed over, half of all behind a ReLU; the others go four at
// a time, which is twice as fast as one by one.
function dense({ values, shape }, kernel, bias) {
  const [inputs, outputs] = kernel.shape;
  if (shape[shape.length - 1] !== inputs) throw new Error(`A layer takes ${inputs} values, and gets ${shape[shape.length - 1]}.`);
  const rows = values.length / inputs;
  const result = new Float64Array(rows * outputs);
  const weights = kernel.values;
  for (let row = 0; row < rows; row += 1) {
    const sums = result.subarray(row * outputs, (row + 1) * outputs);
    if (bias) sums.set(bias.values);
    const used = [];
    for (let i = 0; i < inputs; i += 1) if (values[row * inputs + i] !== 0) used.push(i);
    let next = 0;
    for (; next + 4 <= used.length; next += 4) {
      const [a, b, c, d] = [0, 1, 2, 3].map((k) => values[row * inputs + used[next + k]]);
      const [wa, wb, wc, wd] = [0, 1, 2, 3].map((k) => used[next + k] * outputs);
      for (let o = 0; o < outputs; o += 1) {
        sums[o] += a * weights[wa + o] + b * weights[wb + o] + c * weights[wc + o] + d * weights[wd + o];
      }
    }
    for (; next < used.length; next += 1) {
      const [value, start] = [values[row * inputs + used[next]], used[next] * outputs];
      for (let o = 0; o < outputs; o += 1) sums[o] += value * weights[start + o];
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

function normalize({ values, shape }, epsilon) {
  const width = shape[shape.length - 1];
  const result = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += width) {
    const row = values.subarray(start, start + width);
    const mean = row.reduce((sum, value) => sum + value, 0) / width;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    for (let i = 0; i < width; i += 1) result[start + i] = (row[i] - mean) / Math.sqrt(variance + epsilon);
  }
  return { values: result, shape };
}

function firstHalf({ values, shape }) {
  const width = shape[shape.length - 1];
  const kept = values.filter((_, index) => index % width < width / 2);
  return { values: kept, shape: [...shape.slice(0, -1), width / 2] };
}

// Codes of categories: of K D values, all first ones, then all second ones, the largest for each of D.
function mostProbable({ values, shape }, categories) {
  const width = shape[shape.length - 1] / categories;
  const codes = new Float64Array(values.length / categories);
  for (let i = 0; i < codes.length; i += 1) {
    const start = Math.floor(i / width) * width * categories + (i % width);
    for (let k = 1; k < categories; k += 1) {
      if (values[start + k * width] > values[start + codes[i] * width]) codes[i] = k;
    }
  }
  return { values: codes, shape: [...shape.slice(0, -1), width] };
}

// A table: each part of the values has steps of its own, and columns that its results go to.
function columnsOf(parts, tensors) {
  const run = parts.map(({ steps }) => network(steps, tensors));
  return ({ values }) => {
    const row = new Float64Array(parts.reduce((size, { columns }) => size + columns.length, 0));
    parts.forEach(({ start, width, columns }, index) => {
      const part = run[index](vector(values.slice(start, start + width)));
      columns.forEach((column, i) => (row[column] = part.values[i]));
    });
    return vector(row);
  };
}

const MAKE = {
  dense: (step, at) => (input) => dense(input, at(step.kernel), at(step.bias)),
  conv2d: (step, at) => (input) => conv2d(input, at(step.kernel), at(step.bias), step),
  conv2d_transpose: (step, at) => (input) => conv2dTranspose(input, at(step.kernel), at(step.bias), step),
  activation,
  relu,
  elu: ({ alpha }) => (input) => each(input, (x) => (x > 0 ? x : alpha * Math.expm1(x))),
  affine: (step, at) => (input) => affine(input, at(step.scale).values, at(step.shift).values),
  normalize: ({ epsilon }) => (input) => normalize(input, epsilon),
  reshape: (step) => (input) => reshape(step, input),
  depth_to_space: (step) => (input) => depthToSpace(input, step),
  repeat: (step) => (input) => repeat(input, step),
  first_half: () => firstHalf,
  most_probable: ({ categories }) => (input) => mostProbable(input, categories),
  columns: ({ parts }, _, tensors) => columnsOf(parts, tensors),
};

export const runsLayer = (step) => step.type in MAKE;

// A function from {values, shape} to {values, shape}. `tensors` are those of `unpack`.
export function network(steps, tensors) {
  const at = (index) => (index === null ? null : tensors[index]);
  const functions = steps.map((step) => {
    if (!MAKE[step.type]) throw new Error(`This page cannot run the layer ${step.type}.`);
    return MAKE[step.type](step, at, tensors);
  });
  return (input) => functions.reduce((value, run) => run(value), input);
}

export const vector = (values) => ({ values, shape: [values.length] });
