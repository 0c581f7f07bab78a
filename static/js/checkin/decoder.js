// Reading a QR out of a picture: the browser's own detector where it has one, else a worker.

const WORKER = "/presensi/static/js/checkin/decode_worker.js"; // below the service worker's scope, or it is missing without network
const SIDE = 720; // a ticket held before a camera is readable at this size, and decoded in a few milliseconds

const PART = 0.5; // of the picture's short side: what is looked at where only the code in the middle counts
const SLOW = 5000; // milliseconds after which a worker has died without a word

/**
 * Answers decode(source, {side, middle}) → Promise of a text or null; `side`: to how many pixels the longer one is reduced. `middle`:
 * of a sheet with a code in each row only the one that lies on the middle of the picture. Rejects where the picture could not be tried.
 */
export async function createDecoder() {
  return (await hasNative()) ? nativeDecoder() : workerDecoder();
}

function nativeDecoder() {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return async (source, { middle = false } = {}) => {
    const { width, height } = sizeOf(source);
    const found = await detector.detect(source);
    const away = ({ boundingBox: box }) => Math.hypot(box.x + box.width / 2 - width / 2, box.y + box.height / 2 - height / 2);
    const [nearest] = [...found].sort((one, other) => away(one) - away(other));
    if (!nearest || (middle && !isAround(nearest.boundingBox, width / 2, height / 2))) return null;
    return nearest.rawValue;
  };
}

function isAround(box, x, y) {
  return box.x <= x && x <= box.x + box.width && box.y <= y && y <= box.y + box.height;
}

async function hasNative() {
  try {
    return (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
  } catch {
    return false;
  }
}

function workerDecoder() {
  const waiting = new Map();
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let number = 0;
  let worker = null;

  /** Of one that died (no memory, a file that did not come) nothing waits for an answer; the next picture begins another. */
  function lose(lost) {
    if (worker !== lost) return;
    worker.terminate();
    worker = null;
    for (const { reject } of waiting.values()) reject(new Error("the decoder died"));
    waiting.clear();
  }

  function begin() {
    const begun = new Worker(WORKER, { type: "module" });
    begun.onerror = () => lose(begun);
    begun.onmessage = ({ data: { number: which, text, box, width, height } }) => {
      const { resolve, middle } = waiting.get(which) ?? {};
      waiting.delete(which);
      resolve?.(middle && !(box && isAround(box, width / 2, height / 2)) ? null : text);
    };
    return begun;
  }

  return async (source, { side = SIDE, middle = false } = {}) => {
    const image = pixels(source, canvas, context, { side, part: middle ? PART : 1 });
    if (!image) return null;
    worker ??= begin();
    const asked = worker;
    number += 1;
    const timer = setTimeout(() => lose(asked), SLOW);
    const answer = new Promise((resolve, reject) => waiting.set(number, { resolve, reject, middle }));
    asked.postMessage({ number, width: image.width, height: image.height, data: image.data.buffer }, [image.data.buffer]);
    return answer.finally(() => clearTimeout(timer));
  };
}

function sizeOf(source) {
  return { width: source.videoWidth ?? source.width, height: source.videoHeight ?? source.height };
}

/** The whole picture reduced, or of a part of it the square in its middle. */
function pixels(source, canvas, context, { side, part }) {
  const { width, height } = sizeOf(source);
  if (!width || !height) return null;
  const square = Math.min(width, height) * part;
  const [wide, high] = part < 1 ? [square, square] : [width, height];
  const scale = Math.min(1, side / Math.max(wide, high));
  canvas.width = Math.round(wide * scale);
  canvas.height = Math.round(high * scale);
  context.drawImage(source, (width - wide) / 2, (height - high) / 2, wide, high, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** The text of a QR in a chosen picture, tried at several sizes; null if there is none. */
export async function decodePicture(decode, file) {
  const picture = await createImageBitmap(file);
  try {
    for (const side of [1024, 640, 1800]) {
      const text = await decode(picture, { side });
      if (text) return text;
    }
    return null;
  } finally {
    picture.close();
  }
}
