// Scales that stay positive while training moves a free number "raw": the runner's, and what only training needs.

export { SMALLEST, UNIT, sigmoid, softplus } from "../../runner/scales.js";

/** The raw number with softplus(raw) = scale. */
export const inverseSoftplus = (scale) => scale + Math.log(-Math.expm1(-scale));

export const LOG_2PI = Math.log(2 * Math.PI);
