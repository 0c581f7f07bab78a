// The camera and what stands around its picture: torch, choice of camera, rest, trouble and what to do about it.

import { advise, setUpAdvice } from "./browser_advice.js";
import { Camera } from "./camera.js";
import { createDecoder } from "./decoder.js";
import { letSleep, stayAwake } from "./signals.js";
import { element, say, show } from "./texts.js";

/** onCode(text, seen) of what is held before the camera while no dialog is open; `seen` as the camera tells it. isOnPaper(): rows of a sheet. Answers {start(), stop(), decoder()}. */
export function setUpViewfinder({ onCode, isOnPaper }) {
  let decoding = null;
  let camera = null; // a promise of it

  function decoder() {
    decoding ??= createDecoder();
    return decoding;
  }

  /** One camera, also for whoever asks for it while the decoder is still made. */
  function ready() {
    camera ??= decoder().then((decode) => new Camera(element("video"), (video) => decode(video, { middle: isOnPaper() }), { onCode: taken, onTrouble, onTorch, onRest }));
    return camera;
  }

  function taken(text, seen) {
    return !document.querySelector("dialog[open]") && onCode(text, seen);
  }

  async function start() {
    stayAwake();
    const eye = await ready();
    if (!eye.stream) await eye.start();
  }

  function stop() {
    letSleep();
    camera?.then((eye) => eye.stop());
  }

  function onTrouble(kind) {
    show("no-camera", Boolean(kind));
    show("aim", !kind);
    element("no-camera-text").textContent = kind ? say(`camera-${kind}`) : "";
    advise(kind);
  }

  function onTorch(available) {
    show("torch", available);
    element("torch").setAttribute("aria-pressed", "false");
  }

  function onRest(resting) {
    show("resting", resting);
    if (!resting) return;
    show("torch", false);
    letSleep();
  }

  async function fillChoices() {
    const choices = (await (await camera)?.choices()) ?? [];
    show("camera-row", choices.length > 1);
    const options = choices.map((one, place) => new Option(one.name || say("camera-unnamed", { number: place + 1 }), one.id, false, one.chosen));
    element("camera-choice").replaceChildren(...options);
  }

  setUpAdvice();
  element("torch").addEventListener("click", async () => {
    const on = element("torch").getAttribute("aria-pressed") !== "true";
    await (await camera).torch(on);
    element("torch").setAttribute("aria-pressed", String(on));
  });
  element("camera-again").addEventListener("click", start);
  element("resting").addEventListener("click", () => {
    start();
    element("more").focus(); // the button that had the focus is gone
  });
  element("more").addEventListener("click", fillChoices);
  element("camera-choice").addEventListener("change", async (event) => (await camera).choose(event.target.value));
  return { start, stop, decoder };
}
