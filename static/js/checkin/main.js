// The scanner page: puts device, camera, book and answers together.

import { Book } from "./book.js";
import { enrolled, Lost, recall, Refused } from "./device.js";
import { setUpDoor } from "./door.js";
import { codeInAddress, offer } from "./enrol.js";
import { isLeaving, leave as leaveWhenSent } from "./leaving.js";
import { migrate } from "./migrate.js";
import { keepOpen, keepShell } from "./shell.js";
import { clockOf, element, say, setUpDialogs, show } from "./texts.js";
import { listenForWedge } from "./wedge.js";

const CHOSEN = "scanner-checkpoint";
const wanted = new URLSearchParams(location.search).get("kegiatan");
let clock = clockOf(); // until the stage is known: this device's own
const book = new Book();

const door = setUpDoor({ book, clock: () => clock });

book.onTrouble(({ code }) => leave(say(`trouble-${code}`) || say("trouble-device_unknown")));

book.onState(({ keeps, expected, present }) => {
  element("present").textContent = present ?? "–";
  element("expected").textContent = expected ?? "–";
  show("storage-notice", !keeps);
  tellWindow();
});

book.onOpened(() => {
  clock = clockOf(book.stage);
  element("stage-name").textContent = book.stage.name;
  element("device-facts").textContent = say("device-facts", { name: book.device.name, time: clock.plain(book.device.expires_at) });
  show("enrol", false);
  const begins = element("door").hidden;
  show("door", true);
  fillPoints();
  if (begins) door.viewfinder.start();
  keepOpen(openUntil());
  renewing.then((renew) => renew());
});

/** Whether it is known by now what this page is: a door, or no device at all. */
function isSettled() {
  return Boolean(book.stage) || !element("enrol-form").hidden || !element("enrol-signed-out").hidden;
}

/** When the checkpoint that is open now closes, in milliseconds of this device's clock; 0 if none is open. */
function openUntil() {
  const open = book.points.filter((one) => windowOf(one) === "open");
  return Math.max(0, ...open.map((one) => Date.parse(one.closes_at) - book.offset));
}

/** What was chosen by hand stays; else the door follows the stage from a checkpoint that has closed to the next. */
function fillPoints() {
  const select = element("checkpoint");
  const byHand = Number(sessionStorage.getItem(CHOSEN));
  const current = windowOf(book.point) === "closed" ? null : book.checkpoint;
  select.replaceChildren(...book.points.map((one) => new Option(one.short_name, one.id)));
  select.value = [byHand, current].find((id) => book.points.some((one) => one.id === id)) ?? book.preselected;
  select.disabled = book.points.length < 2;
  if (book.points.length) choosePoint();
  else tellWindow();
}

function choosePoint() {
  const before = book.checkpoint;
  book.choose(Number(element("checkpoint").value));
  tellWindow();
  door.refresh();
  if (before !== book.checkpoint) door.recall();
}

/** "open", "not-open" yet or "closed", by the server's clock; "no-checkpoint" for null. */
function windowOf(point) {
  if (!point) return "no-checkpoint";
  const now = Date.now() + book.offset;
  if (now < Date.parse(point.opens_at)) return "not-open";
  return now < Date.parse(point.closes_at) ? "open" : "closed";
}

function tellWindow() {
  if (!book.stage) return;
  const state = windowOf(book.point);
  const time = { "not-open": book.point?.opens_at, closed: book.point?.closes_at }[state];
  const notice = state === "open" ? "" : say(state, { time: time && clock.when(time) });
  if (element("window-notice").textContent !== notice) element("window-notice").textContent = notice;
  show("window-notice", Boolean(notice));
}

function leave(message) {
  door.close();
  offer({ wanted, message, onEnrolled: open, clear });
}

/** Before this browser scans for `stage` (null: whichever the code is for), what waits for another is sent by the token of that. */
async function clear(stage) {
  const known = enrolled();
  if (!known || known.stage === stage || !book.state().unsent) return true;
  await book.send();
  return !book.state().unsent;
}

async function open() {
  try {
    await book.open();
  } catch (error) {
    if (error instanceof Refused) return book.refused(error); // void before it was ever used: says why, and offers to enrol
    if (!(error instanceof Lost)) throw error;
    show("enrol", true);
    show("enrol-lost", true);
    element("enrol-again").onclick = open;
  }
}

function setUpButtons() {
  element("checkpoint").addEventListener("change", () => {
    sessionStorage.setItem(CHOSEN, element("checkpoint").value);
    choosePoint();
  });
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
}

setUpDialogs();
setUpButtons();
listenForWedge((code) => {
  if (!book.stage) return;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  door.scanned(code, "wedge");
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) book.renew();
});
addEventListener("storage", ({ key }) => ["scanner", "scanner-leaving"].includes(key) && location.reload()); // in another tab
addEventListener("hashchange", () => codeInAddress() && location.reload());
const renewing = keepShell(() => isSettled() && !openUntil() && !book.state().unsent && !document.querySelector("dialog[open]"));
start().catch((error) => {
  if (!(error instanceof DOMException)) throw error;
  show("enrol", true);
  element("enrol-message").textContent = say("no-storage");
  show("enrol-message", true);
});

async function start() {
  await migrate();
  await book.queue.load();
  const device = await recall();
  if (await isLeaving()) {
    leave(say("signed-out"));
    leaveWhenSent(book);
  } else if (device && (!wanted || wanted === device.stage) && !codeInAddress()) return open();
  else {
    book.send(); // what waits for the stage before
    offer({ wanted, onEnrolled: open, clear });
  }
}
