// Where the page starts from: a mission, or a link to a setting.

import { Progress } from "./progress.js";
import { fromAddress, holdsSettings, startOf, toAddress } from "./state.js";

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

function begin(app, anew) {
  const { mission } = app.state;
  app.progress = mission ? new Progress(mission) : null;
  if (anew) app.reset();
  else app.refresh();
  app.shell.mission.show(mission, app.progress);
}
