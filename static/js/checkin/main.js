// The scanner page: puts device, camera, book and answers together.

import { answer, clearList, dismiss, list, worded } from "./answers.js";
import { Book } from "./book.js";
import { Camera } from "./camera.js";
import { createDecoder, decodePicture } from "./decoder.js";
import { enrolled, Lost } from "./device.js";
import { codeInAddress, offer } from "./enrol.js";
import { isLeaving, leave as leaveWhenSent } from "./leaving.js";
import { migrate } from "./migrate.js";
import { setUpSearch, setUpUndo } from "./people.js";
import { keepOpen, keepShell } from "./shell.js";
import { isMuted, setMuted, stayAwake, wakeSound } from "./signals.js";
import { clockOf, element, say, setUpDialogs, show } from "./texts.js";
import { listenForWedge } from "./wedge.js";

const CODE_LENGTH = 16;
const CHOSEN = "scanner-checkpoint";
const NOTICED = 700; // milliseconds; what is sent at once is not announced as unsent
const wanted = new URLSearchParams(location.search).get("kegiatan");
let clock = { plain: String, when: String }; // until the stage is known
let decode = null;
let camera = null;
let noticed = 0;
const book = new Book();

const undo = setUpUndo({
  book,
  onAnnulled(entry) {
    entry.item.classList.add("entry-annulled");
    entry.item.querySelector("button").hidden = true;
    entry.item.querySelector(".entry-text span").textContent = say("annulled");
  },
});

/** A code as it was read, or a person's hash; `seen`: when the picture was taken, by performance.now(). */
async function record(what, source, seen = performance.now()) {
  if (!book.point) return;
  const told = await book.scan({ ...what, source });
  const words = enter(told);
  answer(words);
  requestAnimationFrame(() => performance.measure("verdict", { start: seen }));
}

/** Put an answer on the list of the last scans, or in the place of the one that the phone gave alone. */
function enter(told) {
  const words = worded(told, clock, book.points.find((one) => one.id === told.checkpoint));
  list({ ...words, time: Date.parse(told.occurred_at) ? clock.plain(told.occurred_at) : "", scanId: told.scan_id }, told.decision === "admitted" && !told.offline ? undo : null);
  return words;
}

book.onLater((_scanId, told) => {
  const words = enter(told);
  if (told.before && told.before !== "refused" && told.decision === "refused") answer(words);
});

book.onTrouble(({ code }) => leave(say(`trouble-${code}`) || say("trouble-device_unknown")));

book.onState(({ unsent, lost, barred, expected, present }) => {
  element("present").textContent = present ?? "–";
  element("expected").textContent = expected ?? "–";
  show("line-lost", lost);
  clearTimeout(noticed);
  if (!unsent) show("unsent", false);
  else if (lost || barred) show("unsent", true);
  else noticed = setTimeout(() => show("unsent", true), NOTICED);
  for (const id of ["unsent-text", "enrol-unsent"]) element(id).textContent = say("unsent", { count: unsent });
  show("enrol-unsent", unsent > 0);
});

book.onOpened(() => {
  clock = clockOf(book.stage);
  element("stage-name").textContent = book.stage.name;
  for (const link of document.querySelectorAll("[data-add-person]")) link.href = `/panel/kegiatan/${book.stage.slug}/peserta/tambah`;
  element("device-facts").textContent = say("device-facts", { name: book.device.name, time: clock.plain(book.device.expires_at) });
  show("enrol", false);
  show("door", true);
  fillPoints();
  startCamera();
  keepOpen(openUntil());
});

/** When the checkpoint that is open now closes, in milliseconds; 0 if none is open. */
function openUntil() {
  const now = Date.now();
  const open = book.points.filter((one) => Date.parse(one.opens_at) <= now && now < Date.parse(one.closes_at));
  return Math.max(0, ...open.map((one) => Date.parse(one.closes_at)));
}

function fillPoints() {
  const select = element("checkpoint");
  const kept = book.checkpoint ?? Number(sessionStorage.getItem(CHOSEN));
  select.replaceChildren(...book.points.map((one) => new Option(one.short_name, one.id)));
  select.value = book.points.some((one) => one.id === kept) ? kept : book.preselected;
  select.disabled = book.points.length < 2;
  if (book.points.length) return choosePoint();
  element("window-notice").textContent = say("no-checkpoint");
  show("window-notice", true);
}

function choosePoint() {
  const before = book.checkpoint;
  book.choose(Number(element("checkpoint").value));
  sessionStorage.setItem(CHOSEN, book.checkpoint);
  const now = Date.now();
  let notice = "";
  if (now < Date.parse(book.point.opens_at)) notice = say("not-open", { time: clock.when(book.point.opens_at) });
  else if (now >= Date.parse(book.point.closes_at)) notice = say("closed", { time: clock.when(book.point.closes_at) });
  element("window-notice").textContent = notice;
  show("window-notice", Boolean(notice));
  if (before !== book.checkpoint) recall();
}

/** Whom this device admitted last, so that a mistake can be annulled. */
async function recall() {
  clearList();
  for (const { at, person, scan_id } of (await book.recent()).reverse()) {
    list({ kind: "admitted", name: person.name, place: person.institution, detail: "", time: clock.plain(at), scanId: scan_id }, undo);
  }
}

function leave(message) {
  camera?.stop();
  clearList();
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  offer({ wanted, message, onEnrolled: open });
}

async function open() {
  try {
    await book.open();
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    show("enrol", true);
    show("enrol-lost", true);
    element("enrol-again").onclick = open;
  }
}

async function startCamera() {
  stayAwake();
  decode ??= await createDecoder();
  camera ??= new Camera(element("video"), decode, {
    onCode: (text, seen) => document.querySelector("dialog[open]") || record({ code: text }, "camera", seen),
    onTrouble(kind) {
      show("no-camera", Boolean(kind));
      show("aim", !kind);
      element("no-camera-text").textContent = kind ? say(`camera-${kind}`) : "";
    },
    onTorch: (available) => show("torch", available),
  });
  if (!camera.stream) await camera.start();
}

function setUpButtons() {
  const mute = element("mute");
  mute.setAttribute("aria-pressed", isMuted());
  mute.addEventListener("click", () => {
    setMuted(!isMuted());
    mute.setAttribute("aria-pressed", isMuted());
  });
  element("torch").addEventListener("click", async () => {
    const on = element("torch").getAttribute("aria-pressed") !== "true";
    await camera.torch(on);
    element("torch").setAttribute("aria-pressed", on);
  });
  element("camera-again").addEventListener("click", () => camera.start());
  element("unsent-retry").addEventListener("click", () => book.send());
  element("checkpoint").addEventListener("change", choosePoint);
  element("answer").addEventListener("click", dismiss);
  element("more").addEventListener("click", () => {
    element("release-note").textContent = "";
    element("device").showModal();
  });
  element("release").addEventListener("click", async () => {
    await book.send();
    if (book.state().unsent) return (element("release-note").textContent = say("release-unsent"));
    await book.leave();
    leave(say("released"));
  });
  addEventListener("pointerdown", wakeSound);
}

function setUpTyping() {
  element("open-typing").addEventListener("click", () => {
    element("typed").value = "";
    element("typed-note").textContent = "";
    element("typing").showModal();
    element("typed").focus();
  });
  element("typing-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = element("typed").value.trim();
    const letters = typed.includes("/") ? CODE_LENGTH : typed.replace(/[\s\u2010-\u2015-]/g, "").length;
    if (letters !== CODE_LENGTH) {
      element("typed-note").textContent = say("code-short", { count: letters });
      return;
    }
    element("typing").close();
    record({ code: typed }, "typed");
  });
  element("photo").addEventListener("change", async () => {
    const [file] = element("photo").files;
    element("photo").value = "";
    if (!file) return;
    decode ??= await createDecoder();
    const text = await decodePicture(decode, file).catch(() => null);
    if (text) record({ code: text }, "photo");
    else answer({ kind: "refused", title: say("refused"), name: "", place: "", detail: say("photo-nothing") });
  });
}

setUpDialogs();
setUpButtons();
setUpTyping();
setUpSearch({ book, clock: () => clock, onChosen: (person) => record({ code_hash: person.hash }, "search") });
listenForWedge((code) => {
  if (!book.stage) return;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  record({ code }, "wedge");
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !book.stage) return;
  stayAwake();
  book.refresh();
});
addEventListener("storage", ({ key }) => ["scanner", "scanner-leaving"].includes(key) && location.reload()); // in another tab
addEventListener("hashchange", () => codeInAddress() && location.reload());
keepShell(() => !openUntil() && !book.state().unsent && !document.querySelector("dialog[open]"));
migrate().then(() => book.queue.load());
const device = enrolled();
if (isLeaving()) {
  leave(say("signed-out"));
  leaveWhenSent(book);
} else if (device && (!wanted || wanted === device.stage) && !codeInAddress()) open();
else offer({ wanted, onEnrolled: open });
