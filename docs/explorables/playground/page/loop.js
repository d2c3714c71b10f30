// What runs when: training, drawing, and nothing at all while the page is hidden, paused or out of sight.
//
// Training runs in slices of a few milliseconds, one message after the other: so it need not wait for the screen,
// and what the reader does comes in between. A frame of the screen, from its first drawing to the browser's last
// touch, must be earned: each millisecond of training earns a fifth. What is not drawn now waits for the next frame.

const SLICE_MS = 6, JOB_MS = 6, FRAME_MS = 50, EARNED = 0.2;
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
    this.owed = 0; // steps
    this.credit = 0;
    this.request = 0;
    this.shown = 0; // when the last frame was
    this.framed = null; // the same, until its cost is counted
    this.times = { frames: 0, train: 0, draw: 0, steps: 0 }; // for the tests
    this.slices = new MessageChannel();
    this.slices.port1.onmessage = () => this.train();
    document.addEventListener("visibilitychange", () => this.wake());
  }

  start() {
    this.running = true;
    this.owed = this.credit = 0;
    this.framed = null;
    this.wake();
  }

  pause() {
    this.running = false;
  }

  show(visible) {
    this.visible = visible;
    this.wake();
  }

  get inSight() {
    return this.visible && !document.hidden;
  }

  /** Asks for a frame and, while training, for its next slice, unless they are coming. */
  wake() {
    if (!this.inSight) return;
    this.request ||= requestAnimationFrame((now) => this.frame(now));
    if (!this.running || this.asked) return;
    this.last = performance.now(); // the time at rest or out of sight is not made up for
    this.ask();
  }

  ask() {
    this.asked = true;
    if (this.owed >= 1) this.slices.port2.postMessage(null);
    else setTimeout(() => this.train(), 4);
  }

  /** A slice of training: as many steps as the pace and the time allow. */
  train() {
    this.asked = false;
    if (!this.running || !this.inSight) return;
    const begun = performance.now(), pace = PACES[this.pace];
    this.owed = Math.min(this.owed + Math.min(begun - this.last, 100) / 1000 * pace, pace / 5);
    this.last = begun;
    if (this.framed !== null) this.credit = Math.max(this.credit - (begun - this.framed), -8); // with what the browser did after its drawing
    this.framed = null;
    while (this.running && this.owed >= 1 && performance.now() - begun < SLICE_MS) {
      this.owed -= 1;
      this.times.steps += 1;
      if (!this.work.step()) this.running = false;
    }
    const now = performance.now();
    this.times.train += now - begun;
    this.credit = Math.min(this.credit + EARNED * (now - begun), 12);
    if (!this.running || (this.credit > 0 && now - this.shown > FRAME_MS)) this.wake();
    if (this.running && !this.asked) this.ask();
  }

  frame(now) {
    this.request = 0;
    if (!this.inSight) return;
    this.shown = this.framed = performance.now();
    this.work.tick(now);
    const busy = this.work.job && !this.running && this.jobs();
    const drawn = this.paint();
    this.times.frames += 1;
    if (!this.running && (busy || drawn)) this.wake();
  }

  jobs() {
    const begun = performance.now();
    while (performance.now() - begun < JOB_MS) if (!this.work.job()) return false;
    return true;
  }

  /** Draws what waits, within the time that it has earned; at rest, one panel after the other at once. */
  paint() {
    const begun = performance.now(), budget = this.running ? Math.max(this.credit, 3) : 12;
    let more = true;
    while (more && performance.now() - begun < budget) more = this.work.draw();
    this.times.draw += performance.now() - begun;
    return more;
  }
}
