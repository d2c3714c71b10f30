// Where the page starts from: a mission, or a link to a setting.

import { Progress } from "./progress.js";
import { MISSIONS } from "./missions.js";
import { chosen, fromAddress, holdsSettings, startOf, toAddress } from "./state.js";

/** The address that shows this setting. */
export function linkTo(state) {
  const settings = toAddress(state);
  return `${location.pathname}${location.search}${settings && "#"}${settings}`;
}

/** A mission from its start, or play without one. */
export function startMission(app, name) {
  const { seed, speed } = app.state;
  app.state = name ? { ...startOf(name), seed, speed, mission: name } : { ...app.state, mission: "" };
  begin(app, Boolean(name));
}

/** A link of this page, opened while the page is there. Links to its headings change nothing. */
export function follow(app, hash) {
  if (!holdsSettings(hash)) return;
  app.state = fromAddress(hash);
  begin(app, true);
}

/** Follows advice: sets this, and trains anew. A mission may want g switched on the model as it is. */
export function tryOut(app, set) {
  app.shell.start.focus(); // the button of the advice will go
  if (MISSIONS[app.state.mission]?.asItIs) {
    for (const [name, value] of Object.entries(set)) app.change(name, value);
    return;
  }
  app.state = Object.entries(set).reduce((state, [name, value]) => chosen(state, name, value), app.state);
  app.reset();
  app.toggle();
}

/** Tells a mission that begins only now what it has missed: that training has come to its end. */
export function catchUp(app) {
  if (app.now && app.now >= app.last && !app.loop.running && !app.jobs) app.atRest();
}

function begin(app, anew) {
  const { mission } = app.state;
  app.progress = mission ? new Progress(mission) : null;
  if (anew) app.reset();
  else app.refresh();
  app.shell.mission.show(mission, app.progress);
}
