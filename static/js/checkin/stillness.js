// Whether something moves before the camera: coarse pictures are compared, so that the noise of a sensor in the dark is no movement.

const WIDTH = 32;
const HEIGHT = 24;
const STEP = 14; // of 255: a cell that changes by more has changed
const SHARE = 0.02; // of the cells

export class Stillness {
  constructor() {
    const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.before = null;
  }

  /** Whether the picture differs from that of the last call; the first one from none. */
  moved(video) {
    this.context.drawImage(video, 0, 0, WIDTH, HEIGHT);
    const now = this.context.getImageData(0, 0, WIDTH, HEIGHT).data;
    const before = this.before;
    this.before = now;
    if (!before) return false;
    let changed = 0;
    for (let at = 1; at < now.length; at += 4) if (Math.abs(now[at] - before[at]) > STEP) changed += 1; // green is most of brightness
    return changed > SHARE * WIDTH * HEIGHT;
  }
}
