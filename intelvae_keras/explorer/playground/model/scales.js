// Scales that stay positive while training moves a free number "raw".

/** softplus(t) = log(1 + e^t), in a form that does not overflow. */
export const softplus = (t) => Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t)));

/** Its derivative, sigmoid(t) = 1 / (1 + e^-t). */
export const sigmoid = (t) => 1 / (1 + Math.exp(-t));

/** The raw number with softplus(raw) = scale. */
export const inverseSoftplus = (scale) => scale + Math.log(-Math.expm1(-scale));

/** softplus(UNIT) = 1: with it added, raw = 0 means a scale of 1. */
export const UNIT = Math.log(Math.expm1(1));

/** Added to every scale of a posterior or a prior, so that its logarithm stays finite. */
export const SMALLEST = 1e-5;

export const LOG_2PI = Math.log(2 * Math.PI);
