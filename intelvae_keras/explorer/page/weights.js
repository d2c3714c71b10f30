// Weights: bytes as `tensors.py` wrote them, checked and unpacked into float32 arrays.

const TABLE = Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit += 1) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n >>> 0;
});

export function crc32(bytes) {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i += 1) crc = TABLE[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

// Throws, in words for the reader, where the file is cut off or damaged.
export function check(bytes, expected) {
  if (bytes.length !== expected.bytes) {
    throw new Error(`The model's weights are ${bytes.length} bytes long, ${expected.bytes} were expected.`);
  }
  if (crc32(bytes) !== expected.crc32) throw new Error("The model's weights are damaged (wrong checksum).");
}

// The packed file as `Tensors.payload` describes it, unpacked.
export async function inflate(bytes) {
  if (!globalThis.DecompressionStream) throw new Error("This browser is too old to unpack the model's weights.");
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  const size = planes.length / 2;
  const pairs = new Uint8Array(planes.length);
  for (let i = 0; i < size; i += 1) {
    pairs[2 * i] = planes[i];
    pairs[2 * i + 1] = planes[size + i];
  }
  return pairs.buffer;
}

export function fromBase64(text) {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let halves = null; // every float16, made once: a look-up is ten times as fast as the powers

function fromHalves(words) {
  halves ??= Float32Array.from({ length: 65536 }, (_, bits) => half(bits));
  return Float32Array.from(words, (bits) => halves[bits]);
}

function fromBytes(numbers, scales) {
  const values = new Float32Array(numbers.length);
  for (let i = 0; i < values.length; i += 1) values[i] = numbers[i] * scales[i % scales.length];
  return values;
}

const WIDTH = { float32: 4, float16: 2, int8: 1 }; // bytes of a number

export function unpack(specs, buffer) {
  return specs.map(({ shape, type, offset, scales }) => {
    const size = shape.reduce((product, length) => product * length, 1);
    if (offset + size * WIDTH[type] > buffer.byteLength) throw new Error("The model's weights are too few for its layers.");
    if (type === "float32") return { shape, values: new Float32Array(buffer, offset, size) };
    if (type === "float16") return { shape, values: fromHalves(new Uint16Array(buffer, offset, size)) };
    if (type === "int8") {
      const perUnit = new Float32Array(buffer, scales, shape[shape.length - 1]);
      return { shape, values: fromBytes(new Int8Array(buffer, offset, size), perUnit) };
    }
    throw new Error(`This page cannot read weights of type ${type}.`);
  });
}
