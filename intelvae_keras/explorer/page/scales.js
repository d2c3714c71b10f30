// Scales that stay positive while training moves a free number "raw".

// softplus(t) = log(1 + e^t), and its derivative, in forms that do not overflow.
export const softplus = (t) => Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t)));
export const sigmoid = (t) => (t >= 0 ? 1 / (1 + Math.exp(-t)) : Math.exp(t) / (1 + Math.exp(t)));

// softplus(UNIT) = 1: with it added, raw = 0 means a scale of 1.
export const UNIT = Math.log(Math.expm1(1));

// Added to every scale of a posterior or a prior, so that its logarithm stays finite.
export const SMALLEST = 1e-5;
