// The camera: at once, at rest while the page is hidden or nothing moves, and the same code only once while it stays in view.

import { Stillness } from "./stillness.js";

const PAUSE = 60; // milliseconds between pictures
const IN_VIEW = 3000; // a code that was seen within this time has not left
const BLIND = 20; // pictures in a row that could not even be tried
const GLANCE = 1000; // how often it looks whether anything moves
const REST_AFTER = 90_000; // without movement, a code, a touch or a key
const CHOSEN = "scanner-camera";

export class Camera {
  /** onCode(text, seen), with the time of the picture by performance.now(), answers false if it did not take the code; onTrouble(kind) with kind insecure, refused, none, busy or blind, null once it runs; onTorch(available); onRest(resting). */
  constructor(video, decode, { onCode, onTrouble, onTorch, onRest = () => {} }) {
    Object.assign(this, { video, decode, onCode, onTrouble, onTorch, onRest });
    this.stream = null;
    this.wanted = false;
    this.starting = null;
    this.inView = new Map(); // when each code was seen last, by its text
    this.stirred = 0;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.rest();
      else if (this.wanted && !this.stream) this.start();
    });
    for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => this.stir(), { capture: true });
  }

  /** One start at a time: the browser takes its time to hand out a camera, and whoever asks again meanwhile waits for the same. */
  start() {
    this.wanted = true;
    this.stir();
    this.starting ??= this.begin().finally(() => (this.starting = null));
    return this.starting;
  }

  async begin() {
    this.onRest(false);
    if (!isSecureContext || !navigator.mediaDevices?.getUserMedia) return this.onTrouble("insecure");
    if (document.hidden) return; // it starts once it is seen
    let stream = null;
    try {
      stream = await open();
      if (!this.wanted || document.hidden) return end(stream); // stopped or hidden meanwhile
      this.stream = stream;
      this.video.srcObject = stream;
      await this.video.play();
    } catch (error) {
      if (stream !== this.stream) return; // it was laid to rest before it ran
      this.rest();
      return this.onTrouble(troubleOf(error));
    }
    if (stream === this.stream) this.run(stream);
  }

  run(stream) {
    const track = stream.getVideoTracks()[0];
    track.addEventListener("ended", () => this.stream === stream && this.fail("busy"));
    const able = track.getCapabilities?.() ?? {};
    if (able.focusMode?.includes("continuous")) track.applyConstraints({ advanced: [{ focusMode: "continuous" }] }).catch(() => {});
    this.onTorch(Boolean(able.torch));
    this.onTrouble(null);
    this.look(stream);
  }

  /** It was taken away, or its pictures cannot be read; to be started again by hand. */
  fail(kind) {
    this.rest();
    this.onTrouble(kind);
  }

  rest() {
    end(this.stream);
    this.stream = null;
    this.video.srcObject = null;
  }

  stop() {
    this.wanted = false;
    this.rest();
  }

  /** Somebody is there. */
  stir() {
    this.stirred = performance.now();
  }

  async torch(on) {
    await this.stream?.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
  }

  /** [{id, name, chosen}] of the cameras that there are; names are known once one of them runs. */
  async choices() {
    const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    const running = this.stream?.getVideoTracks()[0].getSettings().deviceId;
    return devices.filter((one) => one.kind === "videoinput" && one.deviceId).map((one) => ({ id: one.deviceId, name: one.label, chosen: one.deviceId === running }));
  }

  async choose(id) {
    localStorage.setItem(CHOSEN, id);
    await this.starting;
    this.rest();
    await this.start();
  }

  async look(stream) {
    const stillness = new Stillness();
    let glanced = 0;
    let failures = 0;
    while (this.stream === stream) {
      try {
        const taken = performance.now();
        this.seen(await this.decode(this.video), taken);
        failures = 0;
        if (performance.now() - glanced > GLANCE) {
          glanced = performance.now();
          if (stillness.moved(this.video)) this.stir();
        }
      } catch {
        failures += 1; // the next picture comes
        if (failures > BLIND && this.stream === stream) return this.fail("blind");
      }
      if (this.stream === stream && performance.now() - this.stirred > REST_AFTER) {
        this.stop();
        return this.onRest(true);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  seen(text, taken) {
    const now = performance.now();
    for (const [old, time] of this.inView) if (now - time >= IN_VIEW) this.inView.delete(old);
    if (!text) return;
    const known = this.inView.has(text);
    this.inView.set(text, now);
    if (known) return;
    this.stir();
    if (this.onCode(text, taken) === false) this.inView.delete(text);
  }
}

function end(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** The camera that was chosen, or the one at the back; the chosen one may be gone. */
async function open() {
  const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
  const ask = (video) => navigator.mediaDevices.getUserMedia({ video: { ...size, ...video }, audio: false });
  const chosen = localStorage.getItem(CHOSEN);
  try {
    if (chosen) return await ask({ deviceId: { exact: chosen } });
  } catch (error) {
    if (troubleOf(error) !== "none") throw error;
  }
  return ask({ facingMode: { ideal: "environment" } });
}

function troubleOf(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "refused";
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return "none";
  return "busy";
}
