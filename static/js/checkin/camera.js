// The camera: at once, at rest while the page is hidden, and the same code only once while it stays in view.

const PAUSE = 90; // milliseconds between pictures
const IN_VIEW = 3000; // a code that was seen within this time has not left

export class Camera {
  /** onCode(text); onTrouble(kind) with kind insecure, refused, none or busy, null once it runs; onTorch(available). */
  constructor(video, decode, { onCode, onTrouble, onTorch }) {
    Object.assign(this, { video, decode, onCode, onTrouble, onTorch });
    this.stream = null;
    this.wanted = false;
    this.lastText = null;
    this.lastSeen = 0;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.rest();
      else if (this.wanted && !this.stream) this.start();
    });
  }

  async start() {
    this.wanted = true;
    if (!isSecureContext || !navigator.mediaDevices?.getUserMedia) return this.onTrouble("insecure");
    try {
      const video = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };
      this.stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
      this.video.srcObject = this.stream;
      await this.video.play();
    } catch (error) {
      this.rest();
      return this.onTrouble(troubleOf(error));
    }
    const track = this.stream.getVideoTracks()[0];
    track.addEventListener("ended", () => this.onTrouble("busy"));
    this.onTorch(Boolean(track.getCapabilities?.().torch));
    this.onTrouble(null);
    this.look(this.stream);
  }

  rest() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }

  stop() {
    this.wanted = false;
    this.rest();
  }

  async torch(on) {
    await this.stream?.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
  }

  async look(stream) {
    while (this.stream === stream) {
      try {
        this.seen(await this.decode(this.video));
      } catch {
        // a picture that cannot be read; the next one comes
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  seen(text) {
    if (!text) return;
    const now = performance.now();
    const same = text === this.lastText && now - this.lastSeen < IN_VIEW;
    this.lastText = text;
    this.lastSeen = now;
    if (!same) this.onCode(text);
  }
}

function troubleOf(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "refused";
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return "none";
  return "busy";
}
