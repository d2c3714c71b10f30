// Convolutions and their relatives, on one image: values row by row, shape [height, width, channels].

// TensorFlow's "same": as many pixels on both sides, the odd one behind.
function before(size, length, stride, padding) {
  if (padding !== "same") return 0;
  return Math.floor(Math.max((Math.ceil(size / stride) - 1) * stride + length - size, 0) / 2);
}

function outputSize(size, length, stride, padding) {
  return padding === "same" ? Math.ceil(size / stride) : Math.floor((size - length) / stride) + 1;
}

export function conv2d({ values, shape }, kernel, bias, { strides, padding }) {
  const [height, width, inputs] = shape;
  const [rows, columns, , outputs] = kernel.shape;
  const [tall, wide] = [
    outputSize(height, rows, strides[0], padding),
    outputSize(width, columns, strides[1], padding),
  ];
  const top = before(height, rows, strides[0], padding);
  const left = before(width, columns, strides[1], padding);
  const result = new Float64Array(tall * wide * outputs);
  for (let y = 0; y < tall; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      const target = (y * wide + x) * outputs;
      if (bias) result.set(bias.values, target);
      for (let r = 0; r < rows; r += 1) {
        const row = y * strides[0] - top + r;
        if (row < 0 || row >= height) continue;
        for (let c = 0; c < columns; c += 1) {
          const column = x * strides[1] - left + c;
          if (column < 0 || column >= width) continue;
          const source = (row * width + column) * inputs;
          const patch = (r * columns + c) * inputs * outputs;
          addProduct(result, target, values, source, inputs, kernel.values, patch, outputs);
        }
      }
    }
  }
  return { values: result, shape: [tall, wide, outputs] };
}

// result[target + o] += sum_i values[source + i] * kernel[patch + i * outputs + o]
function addProduct(result, target, values, source, inputs, kernel, patch, outputs) {
  for (let i = 0; i < inputs; i += 1) {
    const value = values[source + i];
    if (value === 0) continue;
    const weights = patch + i * outputs;
    for (let o = 0; o < outputs; o += 1) result[target + o] += value * kernel[weights + o];
  }
}

// The kernel is (rows, columns, outputs, inputs): each pixel writes a patch.
export function conv2dTranspose({ values, shape }, kernel, bias, { strides, padding }) {
  const [height, width, inputs] = shape;
  const [rows, columns, outputs] = kernel.shape;
  const grown = (size, length, stride) => size * stride + (padding === "same" ? 0 : Math.max(length - stride, 0));
  const [tall, wide] = [grown(height, rows, strides[0]), grown(width, columns, strides[1])];
  const top = before(tall, rows, strides[0], padding);
  const left = before(wide, columns, strides[1], padding);
  const result = new Float64Array(tall * wide * outputs);
  if (bias) for (let i = 0; i < result.length; i += outputs) result.set(bias.values, i);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const source = (y * width + x) * inputs;
      for (let r = 0; r < rows; r += 1) {
        const row = y * strides[0] - top + r;
        if (row < 0 || row >= tall) continue;
        for (let c = 0; c < columns; c += 1) {
          const column = x * strides[1] - left + c;
          if (column < 0 || column >= wide) continue;
          const target = (row * wide + column) * outputs;
          const patch = (r * columns + c) * outputs * inputs;
          for (let o = 0; o < outputs; o += 1) {
            let sum = 0;
            for (let i = 0; i < inputs; i += 1) sum += values[source + i] * kernel.values[patch + o * inputs + i];
            result[target + o] += sum;
          }
        }
      }
    }
  }
  return { values: result, shape: [tall, wide, outputs] };
}

export function depthToSpace({ values, shape }, { size, keep }) {
  const [height, width, depth] = shape;
  const channels = depth / size ** 2;
  const [tall, wide] = keep ?? [height * size, width * size];
  const result = new Float64Array(tall * wide * channels);
  for (let y = 0; y < tall; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      const pixel = (Math.floor(y / size) * width + Math.floor(x / size)) * depth;
      const source = pixel + ((y % size) * size + (x % size)) * channels;
      for (let c = 0; c < channels; c += 1) result[(y * wide + x) * channels + c] = values[source + c];
    }
  }
  return { values: result, shape: [tall, wide, channels] };
}

export function repeat({ values, shape }, { size }) {
  const [height, width, channels] = shape;
  const [tall, wide] = [height * size[0], width * size[1]];
  const result = new Float64Array(tall * wide * channels);
  for (let y = 0; y < tall; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      const source = (Math.floor(y / size[0]) * width + Math.floor(x / size[1])) * channels;
      for (let c = 0; c < channels; c += 1) result[(y * wide + x) * channels + c] = values[source + c];
    }
  }
  return { values: result, shape: [tall, wide, channels] };
}
