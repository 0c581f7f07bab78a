// The scanner page: puts device, camera, book and answers together.

import { Book } from "./book.js";
import { Lost, recall, Refused } from "./device.js";
import { setUpDoor } from "./door.js";
import { codeInAddress, offer } from "./enrol.js";
import { isLeaving, leave as leaveWhenSent } from "./leaving.js";
import { migrate } from "./migrate.js";
import { keepOpen, keepShell } from "./shell.js";
import { clockOf, element, say, setUpDialogs, show } from "./texts.js";
import { listenForWedge } from "./wedge.js";

const CHOSEN = "scanner-checkpoint";
const wanted = new URLSearchParams(location.search).get("kegiatan");
let clock = { plain: String, when: String }; // until the stage is known
const book = new Book();

const door = setUpDoor({ book, clock: () => clock });

book.onTrouble(({ code }) => leave(say(`trouble-${code}`) || say("trouble-device_unknown")));

book.onState(({ unsent, expected, present }) => {
  element("present").textContent = present ?? "–";
  element("expected").textContent = expected ?? "–";
  element("enrol-unsent").textContent = say("unsent", { count: unsent });
  show("enrol-unsent", unsent > 0);
});

book.onOpened(() => {
  clock = clockOf(book.stage);
  element("stage-name").textContent = book.stage.name;
  element("device-facts").textContent = say("device-facts", { name: book.device.name, time: clock.plain(book.device.expires_at) });
  show("enrol", false);
  show("door", true);
  fillPoints();
  door.viewfinder.start();
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
  door.refresh();
  if (before !== book.checkpoint) door.recall();
}

function leave(message) {
  door.close();
  offer({ wanted, message, onEnrolled: open });
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
  element("checkpoint").addEventListener("change", choosePoint);
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
  if (!document.hidden && book.stage) book.refresh();
});
addEventListener("storage", ({ key }) => ["scanner", "scanner-leaving"].includes(key) && location.reload()); // in another tab
addEventListener("hashchange", () => codeInAddress() && location.reload());
keepShell(() => !openUntil() && !book.state().unsent && !document.querySelector("dialog[open]"));
start();

async function start() {
  await migrate();
  await book.queue.load();
  const device = await recall();
  if (await isLeaving()) {
    leave(say("signed-out"));
    leaveWhenSent(book);
  } else if (device && (!wanted || wanted === device.stage) && !codeInAddress()) open();
  else offer({ wanted, onEnrolled: open });
}
