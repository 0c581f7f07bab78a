// The scanner page: puts device, camera, queue and answers together.

import { answer, clearList, dismiss, list, worded } from "./answers.js";
import { Camera } from "./camera.js";
import { createDecoder, decodePicture } from "./decoder.js";
import { ask, enrolled, forget, Lost, Refused } from "./device.js";
import { offer } from "./enrol.js";
import { setUpSearch, setUpUndo } from "./people.js";
import { newScanId, Queue } from "./queue.js";
import { isMuted, setMuted, stayAwake, wakeSound } from "./signals.js";
import { clockOf, element, say, setUpDialogs, show } from "./texts.js";
import { listenForWedge } from "./wedge.js";

const REFRESH = 15000;
const CODE_LENGTH = 16;
const CHOSEN = "scanner-checkpoint";
const wanted = new URLSearchParams(location.search).get("kegiatan");
let stage = null;
let points = [];
let clock = { plain: String, when: String }; // until the stage is known
let decode = null;
let camera = null;
let loading = false;
let answers = 0; // how many scans were answered: what was asked for before the latest of them is out of date
const own = new Set(); // scans made since the page was opened and not answered yet
const waiting = new Set(); // those of them that the door was told to be waiting for the network

const queue = new Queue({
  onAnswer(scan, result, counts, checkpoint) {
    answers += 1;
    const words = worded(result, clock, points.find((one) => one.id === checkpoint));
    list({ ...words, time: clock.plain(scan.occurred_at), scanId: scan.scan_id }, result.decision === "admitted" ? undo : null);
    showCounts(counts);
    waiting.delete(scan.scan_id);
    if (own.delete(scan.scan_id)) answer(words);
  },
  onState(unsent, lost) {
    show("unsent", lost && unsent > 0);
    element("unsent-text").textContent = say("unsent", { count: unsent });
    if (lost && own.size > waiting.size) {
      for (const scanId of own) waiting.add(scanId);
      answer({ kind: "offline", title: say("offline"), name: "", place: "", detail: say("offline-detail") });
    }
  },
  onRefused: (problem) => onRefused(problem),
});

const undo = setUpUndo({
  onAnnulled(entry, counts) {
    entry.item.classList.add("entry-annulled");
    entry.item.querySelector("button").hidden = true;
    entry.item.querySelector(".entry-text span").textContent = say("annulled");
    showCounts(counts);
  },
});

function point() {
  return points.find((one) => one.id === Number(element("checkpoint").value));
}

function scanned(code, source) {
  record({ code }, source);
}

function record(what, source) {
  if (!point()) return;
  const scan = { scan_id: newScanId(), ...what, occurred_at: new Date().toISOString(), source };
  own.add(scan.scan_id);
  queue.add(point().id, scan);
}

function showCounts({ expected, present }) {
  element("present").textContent = present;
  element("expected").textContent = expected;
}

function showPoint() {
  const chosen = point();
  if (!chosen) return;
  sessionStorage.setItem(CHOSEN, chosen.id);
  showCounts(chosen.counts);
  const now = Date.now();
  let notice = "";
  if (now < Date.parse(chosen.opens_at)) notice = say("not-open", { time: clock.when(chosen.opens_at) });
  else if (now >= Date.parse(chosen.closes_at)) notice = say("closed", { time: clock.when(chosen.closes_at) });
  element("window-notice").textContent = notice;
  show("window-notice", Boolean(notice));
}

function fillPoints(preselected) {
  const select = element("checkpoint");
  const kept = Number(sessionStorage.getItem(CHOSEN));
  select.replaceChildren(...points.map((one) => new Option(one.short_name, one.id)));
  select.value = points.some((one) => one.id === kept) ? kept : preselected;
  select.disabled = points.length < 2;
  if (points.length) return showPoint();
  element("window-notice").textContent = say("no-checkpoint");
  show("window-notice", true);
}

async function recall() {
  if (!point()) return;
  const before = answers;
  const { recent, counts } = await ask(`/checkpoints/${point().id}/recent`);
  if (answers !== before) return;
  clearList();
  for (const one of recent.reverse()) {
    list({ kind: "admitted", name: one.person.name, place: one.person.institution, detail: "", time: clock.plain(one.at), scanId: one.scan_id }, undo);
  }
  showCounts(counts);
}

async function refresh() {
  if (document.hidden || !stage || !point()) return;
  try {
    const before = answers;
    const { counts } = await ask(`/checkpoints/${point().id}/recent`);
    if (answers === before) showCounts(counts);
  } catch (error) {
    if (error instanceof Refused) onRefused(error);
    else if (!(error instanceof Lost)) throw error;
  }
}

/** The token is void: what is unsent goes into quarantine first, then this browser forgets the stage. */
function onRefused(problem) {
  if (problem.status !== 401 && problem.status !== 403) return;
  if (problem.status === 401 || !queue.unsent.length) leave(say("revoked"));
  else queue.send().then(() => queue.unsent.length || leave(say("revoked")));
}

function leave(message) {
  forget();
  stage = null;
  camera?.stop();
  clearList();
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  offer({ wanted, message, onEnrolled: open });
}

async function open() {
  if (loading) return;
  loading = true;
  try {
    const answer = await ask("/checkpoints");
    stage = answer.stage;
    clock = clockOf(stage);
    points = answer.checkpoints;
    element("stage-name").textContent = stage.name;
    for (const link of document.querySelectorAll("[data-add-person]")) link.href = `/panel/kegiatan/${stage.slug}/peserta/tambah`;
    element("device-facts").textContent = say("device-facts", { name: answer.device.name, time: clock.plain(answer.device.expires_at) });
    show("enrol", false);
    show("door", true);
    show("unsent", false);
    fillPoints(answer.preselected);
    startCamera();
    await recall();
  } catch (error) {
    if (error instanceof Refused) onRefused(error);
    else if (error instanceof Lost) waitForNetwork();
    else throw error;
  } finally {
    loading = false;
    queue.send();
  }
}

function waitForNetwork() {
  show("door", !!stage);
  show("enrol", !stage);
  show("enrol-lost", !stage);
  element("enrol-again").onclick = open;
}

async function startCamera() {
  stayAwake();
  decode ??= await createDecoder();
  camera ??= new Camera(element("video"), decode, {
    onCode: (text) => document.querySelector("dialog[open]") || scanned(text, "camera"),
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
  element("unsent-retry").addEventListener("click", () => queue.send());
  element("checkpoint").addEventListener("change", () => {
    showPoint();
    open();
  });
  element("answer").addEventListener("click", dismiss);
  element("more").addEventListener("click", () => {
    element("release-note").textContent = "";
    element("device").showModal();
  });
  element("release").addEventListener("click", async () => {
    await queue.send();
    if (queue.unsent.length) element("release-note").textContent = say("release-unsent");
    else leave(say("released"));
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
    scanned(typed, "typed");
  });
  element("photo").addEventListener("change", async () => {
    const [file] = element("photo").files;
    element("photo").value = "";
    if (!file) return;
    decode ??= await createDecoder();
    const text = await decodePicture(decode, file).catch(() => null);
    if (text) scanned(text, "photo");
    else answer({ kind: "refused", title: say("refused"), name: "", place: "", detail: say("photo-nothing") });
  });
}

setUpDialogs();
setUpButtons();
setUpTyping();
setUpSearch({
  checkpoint: () => point()?.id,
  clock: () => clock,
  onChosen: (person) => record({ code_hash: person.code_hash }, "search"),
});
listenForWedge((code) => {
  if (!stage) return;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  scanned(code, "wedge");
});
setInterval(refresh, REFRESH);
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !stage) return;
  stayAwake();
  refresh();
});
const device = enrolled();
if (device && (!wanted || wanted === device.stage)) open();
else offer({ wanted, onEnrolled: open });
