// A model in the page: y -> z -> E[x|z], and, where it came with its encoder, x -> q(y|x).

import { softplus } from "./activations.js";
import { network, vector } from "./layers.js";
import { mapping } from "./mappings.js";
import { check, fromBase64, inflate, unpack } from "./weights.js";

const FORMAT = 1;
const UNIT = Math.log(Math.expm1(1)); // softplus(UNIT) = 1
const SMALLEST_SCALE = 1e-5;

export class Model {
  // From the specification and the packed weights.
  static async read(spec, bytes) {
    if (spec.format !== FORMAT) {
      throw new Error(`This page reads models of format ${FORMAT}; this one has format ${spec.format}.`);
    }
    check(bytes, spec.weights);
    return new Model(spec, unpack(spec.tensors, await inflate(bytes)));
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
    const positive = (value) => softplus(value + UNIT) + SMALLEST_SCALE;
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

async function get(url) {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new Error(`The model's file ${url.pathname.split("/").pop()} is not there.`);
  return response;
}

const loaded = new Map(); // two explorers on a page may ask for the same model

// From name.json and the weights beside it.
export function load(name, base) {
  const url = new URL(`${name}.json`, base);
  if (!loaded.has(url.href)) {
    const model = read(url).catch((error) => {
      loaded.delete(url.href); // a reader who tries again is not told the old news
      throw error;
    });
    loaded.set(url.href, model);
  }
  return loaded.get(url.href);
}

async function read(url) {
  const response = await get(url);
  const spec = await response.json().catch(() => {
    throw new Error("The model's description is damaged.");
  });
  const weights = await get(new URL(spec.weights.file, url));
  return Model.read(spec, new Uint8Array(await weights.arrayBuffer()));
}
