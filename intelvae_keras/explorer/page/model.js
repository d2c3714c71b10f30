// A model in the page: y -> z -> E[x|z], and, where it came with its encoder, x -> q(y|x).

import { network, vector } from "./layers.js";
import { mapping } from "./mappings.js";
import { SMALLEST, UNIT, softplus } from "./scales.js";
import { check, fromBase64, inflate, unpack } from "./weights.js";

const FORMAT = 1;

export class Model {
  // From the specification and the packed weights.
  static async read(spec, bytes) {
    if (spec.format !== FORMAT) {
      throw new Error(`This page reads models of format ${FORMAT}; this one has format ${spec.format}.`);
    }
    check(bytes, spec.weights);
    return new Model(spec, unpack(spec.tensors, await inflate(bytes))).proved();
  }

  // The model, after one example: weights of other shapes fail here, and not in the middle of a picture.
  proved() {
    const { latent_dim: size, data_shape: shape, decoder } = this.spec;
    const expected = shape.reduce((product, length) => product * length, 1);
    const whole = (values, length, of) => {
      if (values.length !== length) throw new Error(`It makes ${values.length} values of ${of}, not ${length}.`);
      if (values.some(Number.isNaN)) throw new Error("It makes values that are no numbers.");
    };
    try {
      if (decoder.length) whole(this.decode(this.map(new Array(size).fill(0.5))), expected, "x");
      if (this.features) whole(this.encode(new Array(expected).fill(0.5)).mean, size, "y");
    } catch (error) {
      throw new Error(`The model's weights do not fit its layers. ${error.message}`);
    }
    return this;
  }

  constructor(spec, tensors) {
    this.spec = spec;
    this.tensors = tensors;
    this.map = mapping(spec.mapping, this.tensors);
    this.run = network(spec.decoder, this.tensors);
    if (spec.encoder) {
      this.features = network(spec.encoder, this.tensors);
      this.linear = network(spec.posterior.linear, this.tensors);
    }
  }

  // E[x|z], the values of one example row by row.
  decode(z) {
    return this.run(vector(Float64Array.from(z))).values;
  }

  // q(y|x): its mean, and the rows of the Cholesky factor of its covariance.
  encode(x) {
    const { values } = this.linear(this.features({ values: Float64Array.from(x), shape: this.spec.data_shape }));
    const size = this.spec.latent_dim;
    const raw = values.slice(size);
    const positive = (value) => softplus(value + UNIT) + SMALLEST;
    const factor = Array.from({ length: size }, (_, row) =>
      Array.from({ length: size }, (__, column) => {
        if (column > row) return 0;
        const { triangle } = this.spec.posterior;
        if (column === row) return positive(raw[triangle ? triangle[row][row] : row]);
        return triangle ? raw[triangle[row][column]] : 0;
      }),
    );
    return { mean: Array.from(values.slice(0, size)), factor };
  }
}

export const fromInline = (spec) => Model.read(spec, fromBase64(spec.weights.base64));
