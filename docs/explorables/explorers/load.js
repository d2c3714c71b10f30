// Models of the site, from their files.

import { Model } from "../runner/model.js";

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
  const spec = await response.json().catch(() => null);
  if (!spec?.weights) throw new Error("The model's description is damaged.");
  const weights = await get(new URL(spec.weights.file, url));
  return Model.read(spec, new Uint8Array(await weights.arrayBuffer()));
}
