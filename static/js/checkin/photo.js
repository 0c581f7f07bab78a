// A photo of a ticket, from the gallery or taken now.

import { decodePicture } from "./decoder.js";
import { element } from "./texts.js";

/** decoder() → Promise of a decoder; onCode(text), or onNothing() for a picture without a QR. */
export function setUpPhoto({ decoder, onCode, onNothing }) {
  const input = element("photo");
  input.addEventListener("change", async () => {
    const [file] = input.files;
    input.value = ""; // the same picture may be chosen again
    if (!file) return;
    const text = await decoder()
      .then((decode) => decodePicture(decode, file))
      .catch(() => null);
    if (text) onCode(text);
    else onNothing();
  });
}
