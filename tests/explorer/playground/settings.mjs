// What the tests share: where the page's files lie, and small settings.

export const folder = new URL("../../../intelvae_keras/explorer/playground/", import.meta.url);
export const load = (file) => import(new URL(file, folder));

export const SETTINGS = {
  hidden: 32, covariance: "full", prior: "normal", startScale: 0.1, steps: 4000, batch: 64, warmup: 0.4, seed: 1,
  g: { name: "none", K: 5, strength: 2, width: 0.01, angle: 0 },
};

/** Settings with some replaced; those of g likewise. */
export const settings = (changes = {}) => ({ ...SETTINGS, ...changes, g: { ...SETTINGS.g, ...changes.g } });
