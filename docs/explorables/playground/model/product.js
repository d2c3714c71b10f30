// The product of two matrices, where nearly all of the training time goes.
//
//   c_mp <- c_mp + sum_q a_mq b_qp
//
// A step in m, p or q is a step of any size in the arrays, so that one function serves for a matrix and for its
// transpose. It makes 2 x 4 entries of c at a time: each number that is read serves several products, and the
// sums stay in the processor's registers. That takes less than half of the time of the three plain loops.

/**
 * @param {number} M @param {number} P @param {number} Q  the sizes: c is M x P
 * @param {Float64Array} a  entry (m, q) at m * am + q * aq
 * @param {Float64Array} b  entry (q, p) at q * bq + p * bp
 * @param {Float64Array} c  entry (m, p) at m * P + p
 */
export function addProduct(M, P, Q, a, am, aq, b, bq, bp, c) {
  const evenM = M - (M % 2), evenP = P - (P % 4);
  for (let p = 0; p < evenP; p += 4) {
    for (let m = 0; m < evenM; m += 2) {
      const upper = m * P + p, lower = upper + P;
      let c00 = c[upper], c01 = c[upper + 1], c02 = c[upper + 2], c03 = c[upper + 3];
      let c10 = c[lower], c11 = c[lower + 1], c12 = c[lower + 2], c13 = c[lower + 3];
      let inA = m * am, inB = p * bp;
      for (let q = 0; q < Q; q++) {
        const a0 = a[inA], a1 = a[inA + am];
        const b0 = b[inB], b1 = b[inB + bp], b2 = b[inB + 2 * bp], b3 = b[inB + 3 * bp];
        c00 += a0 * b0; c01 += a0 * b1; c02 += a0 * b2; c03 += a0 * b3;
        c10 += a1 * b0; c11 += a1 * b1; c12 += a1 * b2; c13 += a1 * b3;
        inA += aq;
        inB += bq;
      }
      c[upper] = c00; c[upper + 1] = c01; c[upper + 2] = c02; c[upper + 3] = c03;
      c[lower] = c10; c[lower + 1] = c11; c[lower + 2] = c12; c[lower + 3] = c13;
    }
  }
  // What the blocks leave over: the last columns, two rows at a time, and a last row.
  for (let m = 0; m < M; m += 2) {
    const last = m === evenM;
    for (let p = last ? 0 : evenP; p < P; p++) {
      let upper = c[m * P + p], lower = last ? 0 : c[(m + 1) * P + p], inA = m * am, inB = p * bp;
      for (let q = 0; q < Q; q++) {
        const b0 = b[inB];
        upper += a[inA] * b0;
        if (!last) lower += a[inA + am] * b0;
        inA += aq;
        inB += bq;
      }
      c[m * P + p] = upper;
      if (!last) c[(m + 1) * P + p] = lower;
    }
  }
}
