// What runs when: training, drawing, and nothing at all while the page is hidden, paused or out of sight.
//
// Each frame trains for a few milliseconds, and then draws as long as it may. Drawing earns a third of a millisecond for
// each one of training, so that it takes about a quarter of the time. What it cannot draw now waits for the next frame.

const TRAIN_MS = 15, JOB_MS = 6;
const PACES = { slow: 20, normal: 200, full: 600 }; // steps a second, at most

export class Loop {
  /**
   * @param {object} work
   * @param {() => boolean} work.step  one step of both rows; false at the end of training
   * @param {() => boolean} work.draw  draws the next panel that needs it; false if none does
   * @param {() => boolean} work.job  a slice of the measuring at rest; false if there is none
   * @param {(now: number) => void} work.tick  called once a frame
   */
  constructor(work) {
    this.work = work;
    this.running = false;
    this.visible = true;
    this.pace = "full";
    this.credit = 0;
    this.request = 0;
    this.times = { frames: 0, train: 0, draw: 0, steps: 0 }; // for the tests
    document.addEventListener("visibilitychange", () => this.wake());
  }

  start() {
    this.running = true;
    this.last = undefined;
    this.owed = 0;
    this.wake();
  }

  pause() {
    this.running = false;
  }

  show(visible) {
    this.visible = visible;
    this.last = undefined; // the time out of sight is not made up for
    this.wake();
  }

  /** Asks for a frame, unless one is coming. */
  wake() {
    if (this.request || document.hidden || !this.visible) return;
    this.request = requestAnimationFrame((now) => this.frame(now));
  }

  frame(now) {
    this.request = 0;
    if (document.hidden || !this.visible) {
      this.last = undefined;
      return;
    }
    const begun = performance.now();
    if (this.running) this.train(now, begun);
    const trained = performance.now() - begun;
    this.work.tick(now);
    const busy = this.work.job && !this.running && this.slices();
    const drawn = this.paint(trained);
    this.times.frames += 1;
    this.times.train += trained;
    if (this.running || busy || drawn) this.wake();
  }

  /** Steps for this frame: as many as the pace and the time allow. */
  train(now, begun) {
    const passed = Math.min(now - (this.last ?? now - 16), 100);
    this.last = now;
    this.owed = Math.min(this.owed + passed / 1000 * PACES[this.pace], PACES[this.pace] / 5);
    while (this.owed >= 1 && performance.now() - begun < TRAIN_MS) {
      this.owed -= 1;
      this.times.steps += 1;
      if (!this.work.step()) {
        this.running = false;
        break;
      }
    }
  }

  slices() {
    const begun = performance.now();
    while (performance.now() - begun < JOB_MS) if (!this.work.job()) return false;
    return true;
  }

  /** Draws what waits, within the time that it has earned; at rest, one panel after the other at once. */
  paint(trained) {
    this.credit = Math.min(this.credit + trained / 3, 12);
    let more = true;
    while (more && (!this.running || this.credit > 0)) {
      const begun = performance.now();
      more = this.work.draw();
      const cost = performance.now() - begun;
      this.credit -= cost;
      this.times.draw += cost;
      if (!this.running && cost > 0 && performance.now() - begun > 12) break;
    }
    if (!this.running) this.credit = 0;
    return more;
  }
}
