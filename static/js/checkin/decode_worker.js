// Decodes beside the page, so that the camera picture never stands still.

import decodeQR from "../../vendor/qr/decode.js";

addEventListener("message", ({ data: { number, width, height, data } }) => {
  let text = null;
  let box = null; // where it lies
  try {
    text = decodeQR({ width, height, data: new Uint8ClampedArray(data) }, { pointsOnDetect: (points) => (box = points.boundingBox) });
  } catch {
    // no code in this picture
  }
  postMessage({ number, text, box, width, height });
});
