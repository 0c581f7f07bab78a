// What is not sent yet: always in sight, listed with its reason, sent again by a tap, and saved as a text file if nothing else helps.

import { enrolled } from "./device.js";
import { grouped, letters } from "./letters.js";
import { element, piece, say, show } from "./texts.js";

const PATIENCE = 700; // what the network takes at once needs no warning
const BUTTONS = ["unsent", "enrol-unsent"]; // at the door, and where a device is enrolled

/** clock(), pointName(id) and personOf(body) (null if unknown) answer those of the moment; book is told to try again; onMend(entry): a
 * walk-in is to be put right. */
export function setUpUnsent({ book, clock, pointName, personOf, onMend }) {
  const dialog = element("outbox");
  let state = { unsent: 0, parked: 0, lost: false };
  let timer = 0;

  function follow(next) {
    state = next;
    show("offline", state.lost);
    if (dialog.open) fill();
    if (!state.unsent && !state.parked) {
      clearTimeout(timer);
      timer = 0;
      for (const id of BUTTONS) show(id, false);
    } else if (state.lost || state.parked || !element("unsent").hidden) tell();
    else timer ||= setTimeout(tell, PATIENCE);
  }

  function tell() {
    timer = 0;
    const lines = [];
    if (state.unsent) lines.push(say("unsent", { count: state.unsent }));
    if (state.parked) lines.push(say("parked-count", { count: state.parked }));
    for (const id of BUTTONS) {
      element(`${id}-text`).textContent = lines.join(" · ");
      show(id, lines.length > 0);
    }
  }

  function fill() {
    const parked = book.unsent().filter((one) => one.problem);
    const waiting = say(enrolled() ? "outbox-waiting" : "outbox-enrol", { count: state.unsent });
    show("outbox-waiting", state.unsent > 0 || !parked.length);
    element("outbox-waiting").textContent = state.unsent ? waiting : say("outbox-none");
    show("outbox-parked-part", parked.length > 0);
    element("outbox-parked").replaceChildren(...parked.map((one) => row(one)));
    show("outbox-export", state.unsent + parked.length > 0);
    show("outbox-retry", enrolled() !== null && state.unsent + parked.length > 0);
  }

  function row(entry) {
    const item = piece("parked");
    item.querySelector("strong").textContent = whoIn(entry);
    item.querySelector(".parked-when").textContent = [timeOf(entry), pointName(entry.checkpoint)].filter(Boolean).join(" · ");
    item.querySelector(".parked-why").textContent = problemOf(entry);
    const button = item.querySelector("button");
    button.hidden = !(enrolled() && entry.kind === "walk_in" && entry.problem.kind === "malformed");
    button.setAttribute("aria-label", `${button.textContent}: ${whoIn(entry)}`);
    button.addEventListener("click", () => {
      dialog.close();
      onMend(entry);
    });
    return item;
  }

  function save() {
    const lines = book.unsent().map((one) => line(one).join("; "));
    const file = new Blob([[say("export-head"), ...lines, ""].join("\r\n")], { type: "text/plain;charset=utf-8" });
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: `${say("export-name")}.txt` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  /** Enough to enter it by hand. */
  function line(entry) {
    const { body, checkpoint } = entry;
    const [person, at] = [personOf(body), new Date(body.occurred_at)];
    const date = Number.isNaN(at.getTime()) ? "" : at.toLocaleDateString(document.documentElement.lang);
    const who = [person?.name, whoIn(entry)].filter(Boolean).join(", ");
    const place = body.institution ?? person?.institution ?? "";
    return [date, timeOf(entry), pointName(checkpoint), who, place, body.phone ?? "", problemOf(entry)];
  }

  function open() {
    fill();
    dialog.showModal();
  }

  /** As long as its body can be read at all. */
  function timeOf({ body }) {
    return Date.parse(body.occurred_at) ? clock().plain(body.occurred_at) : "";
  }

  for (const id of BUTTONS) element(id).addEventListener("click", open);
  element("open-outbox").addEventListener("click", () => {
    element("device").close();
    open();
  });
  element("outbox-retry").addEventListener("click", () => {
    element("outbox-note").textContent = say("outbox-trying");
    Promise.resolve(book.retry()).finally(() => {
      element("outbox-note").textContent = "";
      fill();
    });
  });
  element("outbox-export").addEventListener("click", save);
  addEventListener("beforeunload", (event) => state.unsent && event.preventDefault());
  book.onState(follow);
  follow(book.state());
}

/** A name where one was typed, else the code as people read it. */
export function whoIn({ body }) {
  if (body.name) return body.name;
  if (!body.code) return say("by-search");
  const found = letters(body.code);
  return found.every((one) => one.possible) ? grouped(found) : body.code.slice(0, 80);
}

function problemOf({ problem }) {
  if (!problem) return say("still-waiting");
  return problem.detail || say(`problem-${problem.kind}`) || say("problem-unknown");
}
