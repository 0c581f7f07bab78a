// Reading a QR out of a picture: the browser's own detector where it has one, else a worker.

const SIDE = 720; // a ticket held before a camera is readable at this size, and decoded in a few milliseconds

export async function createDecoder() {
  if (await hasNative()) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (source) => (await detector.detect(source))[0]?.rawValue ?? null;
  }
  return workerDecoder();
}

async function hasNative() {
  try {
    return (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
  } catch {
    return false;
  }
}

function workerDecoder() {
  const worker = new Worker(new URL("./decode_worker.js", import.meta.url), { type: "module" });
  const waiting = new Map();
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let number = 0;
  worker.onmessage = ({ data }) => {
    waiting.get(data.number)?.(data.text);
    waiting.delete(data.number);
  };
  return (source, side = SIDE) => {
    const image = pixels(source, canvas, context, side);
    if (!image) return Promise.resolve(null);
    return new Promise((resolve) => {
      number += 1;
      waiting.set(number, resolve);
      worker.postMessage({ number, width: image.width, height: image.height, data: image.data.buffer }, [image.data.buffer]);
    });
  };
}

function pixels(source, canvas, context, side) {
  const width = source.videoWidth ?? source.width;
  const height = source.videoHeight ?? source.height;
  if (!width || !height) return null;
  const scale = Math.min(1, side / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** The text of a QR in a chosen picture, tried at several sizes; null if there is none. */
export async function decodePicture(decode, file) {
  const picture = await createImageBitmap(file);
  try {
    for (const side of [1024, 640, 1800]) {
      const text = await decode(picture, side);
      if (text) return text;
    }
    return null;
  } finally {
    picture.close();
  }
}
