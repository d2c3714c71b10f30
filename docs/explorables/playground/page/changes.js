// What the reader changes on a model that goes on with its weights, and data of the reader's own.

import { MOST_POINTS, trainingSettings } from "./state.js";

/** g, or a number of the training, changed with the weights as they are. */
export function live(app, name, before) {
  const { intel } = app.rows, old = { ...intel.figures }, untrained = app.now === 0;
  app.each((row) => {
    const settings = trainingSettings(app.state, row.name);
    row.training.settings = settings;
    if (row === intel) row.training.setMapping(settings.g);
  });
  intel.measure();
  if (app.loop.running || untrained) return;
  // A slider moves in many small steps: until training goes on, the change is that from where training had ended.
  const { name: moved, step } = app.changed ?? {};
  if (moved !== name || step !== app.now) app.changed = { name, step: app.now, from: before[name], before: old };
  const { from, before: first } = app.changed;
  app.startMeasuring(() => {
    app.tell({ type: "change", name, from, to: app.state[name], before: first, after: intel.figures });
  });
}

export function addPoint(app, point) {
  if (app.state.points.length >= MOST_POINTS) return;
  app.state = { ...app.state, points: [...app.state.points, point] };
  clearTimeout(app.redrawn);
  app.redrawn = setTimeout(() => app.reset(), 250); // once the finger rests
  app.rows.ordinary.planes.x.mark(...point, 2);
  app.rows.intel.planes.x.mark(...point, 2);
}

export function clearPoints(app) {
  app.state = { ...app.state, points: [] };
  app.reset();
}
