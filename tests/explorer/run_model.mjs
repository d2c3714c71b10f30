// Runs exported models in Node: reads {page, models: [{path, y, z, x, reach}]} from stdin, prints the results.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { page, models } = JSON.parse(readFileSync(0, "utf8"));
const { Model } = await import(pathToFileURL(`${page}/model.js`));
const { densityOfMapped } = await import(pathToFileURL(`${page}/density.js`));
const run = async ({ path, y = [], z = [], x = [], reach = [] }) => {
  const spec = JSON.parse(readFileSync(`${path}.json`, "utf8"));
  const model = await Model.read(spec, new Uint8Array(readFileSync(`${path}.bin`)));
  return {
    z: y.map((row) => model.map(row)),
    gates: model.map.gates ? y.map((row) => model.map.gates(row)) : null,
    x: z.map((row) => Array.from(model.decode(row))),
    posterior: x.map((row) => model.encode(row)),
    density: reach.length ? densityOfMapped(model.map, spec.prior, reach[0]) : null,
  };
};
const results = await Promise.all(models.map(run));
process.stdout.write(JSON.stringify(results));
