// What the tests share: the page's files, as the site has them, and small settings.

import { pathToFileURL } from "node:url";

export const load = (file) => import(pathToFileURL(`${process.env.EXPLORABLES}/playground/${file}`));

export const SETTINGS = {
  hidden: 32, covariance: "full", prior: "normal", startScale: 0.1, steps: 4000, batch: 128, warmup: 0.4, seed: 1,
  g: { name: "none", K: 5, strength: 1, width: 0.01, angle: 0 },
};

/** Settings with some replaced; those of g likewise. */
export const settings = (changes = {}) => ({ ...SETTINGS, ...changes, g: { ...SETTINGS.g, ...changes.g } });
