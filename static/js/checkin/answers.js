// The answer that fills the screen for a moment, and the list of what was scanned last.

import { signal } from "./signals.js";
import { element, piece, say } from "./texts.js";

const LASTS = { admitted: 1700, repeat: 2800, refused: 3000, parked: 2800, offline: 2800 };
const LOOKS = { admitted: "admitted", repeat: "repeat", refused: "refused", parked: "repeat", offline: "repeat" };
const MOST = 5;
let timer = 0;

/** What is shown of a result at a checkpoint (undefined once it is gone): kind, title, name, place, detail. */
export function worded(result, clock, point) {
  const person = result.person;
  let detail = "";
  if (result.decision === "refused" || result.decision === "parked") detail = whyNot(result, clock, point);
  else if (result.first) detail = say("first", { time: clock.when(result.first.at), by: result.first.by });
  else if (person?.groups.length) detail = person.groups.join(" · ");
  return { kind: result.decision, title: say(result.decision), name: person?.name ?? "", place: person?.institution ?? "", detail };
}

function whyNot({ reason, stage }, clock, point) {
  if (reason === "other_stage" && stage) return say("other-stage", { stage });
  if (reason === "too_early" && point) return say("not-open", { time: clock.when(point.opens_at) });
  if (reason === "too_late" && point) return say("closed", { time: clock.when(point.closes_at) });
  return say(`reason-${reason}`);
}

export function answer({ kind, title, name, place, detail }) {
  const box = element("answer");
  box.className = `answer answer-${LOOKS[kind]}`;
  for (const [part, text] of Object.entries({ title, name, place, detail })) {
    const line = box.querySelector(`.answer-${part}`);
    line.textContent = text;
    line.hidden = !text;
  }
  box.hidden = false;
  element("spoken").textContent = [title, name, place, detail].filter(Boolean).map((text) => text.replace(/\.$/, "")).join(". ");
  signal(LOOKS[kind]);
  clearTimeout(timer);
  timer = setTimeout(dismiss, LASTS[kind]);
}

export function dismiss() {
  clearTimeout(timer);
  element("answer").hidden = true;
}

/** Put an entry on top of the list, with the time of its scan. onUndo(entry) makes it an admission that can be annulled. */
export function list({ kind, name, place, detail, time, scanId }, onUndo) {
  const item = piece("entry");
  item.classList.add(`entry-${LOOKS[kind]}`);
  item.dataset.scanId = scanId ?? "";
  item.querySelector("strong").textContent = name || detail;
  item.querySelector(".entry-text span").textContent = [say(kind), time, name ? detail || place : ""].filter(Boolean).join(" · ");
  if (onUndo) {
    const button = item.querySelector("button");
    button.setAttribute("aria-label", `${say("undo")}: ${name}`);
    button.hidden = false;
    button.addEventListener("click", () => onUndo({ scanId, name, place, item }));
  }
  const entries = element("last");
  entries.prepend(item);
  while (entries.children.length > MOST) entries.lastElementChild.remove();
  element("last-none").hidden = true;
}

export function clearList() {
  element("last").replaceChildren();
  element("last-none").hidden = false;
}
