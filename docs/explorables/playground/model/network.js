// A network of dense layers with ReLU between them, and its gradient.
//
// Layer l:  a_l = max(0, a_(l-1) W_l + b_l);  the last layer has no ReLU.
// Back:     with e_l the gradient of the loss by layer l's sum,
//           dW_l = a_(l-1)^T e_l,   db_l = sum over the batch of e_l,   e_(l-1) = (e_l W_l^T) * [a_(l-1) > 0].
//
// A batch of n points is one array, point after point: entry r * width + i is value i of point r.

import { addProduct } from "./product.js";

/** How many weights the layers between these widths have. */
export function countWeights(widths) {
  let count = 0;
  for (let l = 1; l < widths.length; l++) count += (widths[l - 1] + 1) * widths[l];
  return count;
}

export class Network {
  /**
   * @param {number[]} widths  of the input, the hidden layers and the output, as [2, 32, 32, 5]
   * @param {Float64Array} weights   countWeights(widths) numbers: kernel, bias, kernel, bias, ...
   * @param {Float64Array} gradient  of the same length; `backward` adds to it
   * @param {number} maxBatch  the largest batch that will come
   */
  constructor(widths, weights, gradient, maxBatch) {
    this.layers = [];
    let at = 0;
    const take = (array, size) => array.subarray(at, at + size);
    for (let l = 1; l < widths.length; l++) {
      const inputs = widths[l - 1], outputs = widths[l], size = inputs * outputs;
      const layer = { inputs, outputs, relu: l < widths.length - 1 };
      layer.kernel = take(weights, size);
      layer.kernelGradient = take(gradient, size);
      at += size;
      layer.bias = take(weights, outputs);
      layer.biasGradient = take(gradient, outputs);
      at += outputs;
      layer.output = new Float64Array(maxBatch * outputs);
      layer.inputGradient = new Float64Array(maxBatch * inputs);
      this.layers.push(layer);
    }
  }

  /** Starts the kernels uniform in +-sqrt(6 / (inputs + outputs)) (Glorot and Bengio, 2010), the biases at 0. */
  initialise(random) {
    for (const { kernel, bias, inputs, outputs } of this.layers) {
      const limit = Math.sqrt(6 / (inputs + outputs));
      for (let i = 0; i < kernel.length; i++) kernel[i] = limit * (2 * random.uniform() - 1);
      bias.fill(0);
    }
  }

  /** The output for n points; the array is the network's own, and holds until the next call. */
  forward(input, n) {
    for (const layer of this.layers) {
      layer.input = input;
      applyLayer(layer, input, n);
      input = layer.output;
    }
    return input;
  }

  /**
   * Adds to the gradient of the weights, and returns that of the input: null if nobody asks for it, as of an
   * encoder, whose input is the data. Follows a `forward`.
   */
  backward(outputGradient, n, ofInput = true) {
    let error = outputGradient;
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const layer = this.layers[l];
      addWeightGradients(layer, error, n);
      if (l === 0 && !ofInput) return null;
      propagate(layer, error, n, l > 0); // below lies a ReLU, or the network's input
      error = layer.inputGradient;
    }
    return error;
  }
}

/** output = input W + b, and the ReLU. */
function applyLayer({ kernel, bias, inputs, outputs, output, relu }, input, n) {
  for (let r = 0; r < n; r++) output.set(bias, r * outputs);
  addProduct(n, outputs, inputs, input, inputs, 1, kernel, outputs, 1, output);
  if (!relu) return;
  // max(0, a) without a branch, which a processor would guess wrong half of the time.
  for (let i = 0; i < n * outputs; i++) output[i] = 0.5 * (output[i] + Math.abs(output[i]));
}

/** dW += input^T error,  db += the sum of the error over the batch. */
function addWeightGradients({ kernelGradient, biasGradient, inputs, outputs, input }, error, n) {
  addProduct(inputs, outputs, n, input, 1, inputs, error, outputs, 1, kernelGradient);
  for (let r = 0; r < n; r++) {
    for (let j = 0; j < outputs; j++) biasGradient[j] += error[r * outputs + j];
  }
}

/** error W^T, where the unit below was not switched off by its ReLU. */
function propagate({ kernel, inputs, outputs, input, inputGradient }, error, n, behindRelu) {
  inputGradient.fill(0, 0, n * inputs);
  addProduct(n, inputs, outputs, error, outputs, 1, kernel, 1, outputs, inputGradient);
  if (!behindRelu) return;
  for (let i = 0; i < n * inputs; i++) if (input[i] <= 0) inputGradient[i] = 0;
}
