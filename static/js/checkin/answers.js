// The answer that fills the screen for a moment, and the list of what was scanned last.

import { signal } from "./signals.js";
import { element, piece, say, show } from "./texts.js";

const LASTS = { admitted: 1700, repeat: 2800, refused: 3000, parked: 2800 };
const LOOKS = { admitted: "admitted", repeat: "repeat", refused: "refused", parked: "repeat" };
const MOST = 10;
let timer = 0;

/** What is shown of an answer at a checkpoint (undefined once it is gone): kind, title, name, place, detail, offline. `walkIn`: registered just now. */
export function worded(result, clock, point, { walkIn = false } = {}) {
  const { decision, person, offline = false } = result;
  const kept = walkIn && offline && decision === "parked";
  const title = kept ? say("walk-in-kept-title") : say(titleOf(result, walkIn));
  const detail = kept ? say("walk-in-kept") : detailOf(result, clock, point);
  return { kind: decision, title, name: person?.name ?? "", place: person?.institution ?? "", detail, offline };
}

function titleOf({ decision, reason }, walkIn) {
  if (reason === "not_kept") return "not-kept";
  return walkIn && decision === "admitted" ? "admitted-walk-in" : decision;
}

function detailOf(result, clock, point) {
  if (result.detail) return result.detail;
  if (result.decision === "refused" || result.decision === "parked") return whyNot(result, clock, point);
  if (result.first?.by) return say("first", { time: clock.when(result.first.at), by: result.first.by });
  if (result.first) return say("there", { time: clock.plain(result.first.at) });
  return result.person?.groups?.join(" · ") ?? "";
}

function whyNot({ decision, reason, stage }, clock, point) {
  if (reason === "other_stage" && stage) return say("other-stage", { stage });
  if (reason === "too_early" && point) return say("not-open", { time: clock.when(point.opens_at) });
  if (reason === "too_late" && point) return say("closed", { time: clock.when(point.closes_at) });
  if (decision === "parked" && (reason === "unknown" || !reason)) return say("parked-unknown");
  return say(`reason-${reason}`);
}

export function answer({ kind, title, name, place, detail, offline = false }) {
  const box = element("answer");
  box.className = `answer answer-${LOOKS[kind]}`;
  for (const [part, text] of Object.entries({ title, name, place, detail })) {
    const line = box.querySelector(`.answer-${part}`);
    line.textContent = text;
    line.hidden = !text;
  }
  show("answer-offline", offline);
  box.hidden = false;
  const lines = [title, name, place, detail, offline ? say("offline") : ""];
  element("spoken").textContent = lines.filter(Boolean).map((text) => text.replace(/\.$/, "")).join(". ");
  signal(LOOKS[kind]);
  clearTimeout(timer);
  timer = setTimeout(dismiss, LASTS[kind]);
}

export function dismiss() {
  clearTimeout(timer);
  show("answer", false);
}

/**
 * Put an entry on top of the list, or in the place of the one of the same scan, with the time of its scan. onUndo(entry) makes it an
 * admission that can be annulled.
 */
export function list({ kind, name, place, detail, offline = false, time, scanId }, onUndo) {
  const item = piece("entry");
  item.classList.add(`entry-${LOOKS[kind]}`);
  item.dataset.scanId = scanId ?? "";
  item.querySelector("strong").textContent = name || detail;
  item.querySelector(".entry-text span").textContent = [say(kind), time, name ? detail || place : ""].filter(Boolean).join(" · ");
  item.querySelector(".entry-offline").hidden = !offline;
  if (onUndo) {
    const button = item.querySelector("button");
    button.setAttribute("aria-label", `${say("undo")}: ${name}`);
    button.hidden = false;
    button.addEventListener("click", () => onUndo({ scanId, name, place, item }));
  }
  const entries = element("last");
  const before = scanId && entries.querySelector(`[data-scan-id="${CSS.escape(scanId)}"]`);
  if (before) before.replaceWith(item);
  else entries.prepend(item);
  while (entries.children.length > MOST) entries.lastElementChild.remove();
  show("last-none", false);
}

/** The server refuses somebody whom the phone has let in: the door is told, beside whoever stands there now. */
export function warn({ name, title, detail }) {
  element("later-text").textContent = say("later", { name: name || say("unnamed"), title, detail });
  show("later", true);
  signal("refused");
}

export function clearList() {
  element("last").replaceChildren();
  show("last-none", true);
}
