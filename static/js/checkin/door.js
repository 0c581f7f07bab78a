// The door: every way in which somebody is recorded, and what is said of it. What a scan means is the book's.

import { answer, clearList, dismiss, list, warn, worded } from "./answers.js";
import { Enquiries } from "./enquiries.js";
import { setUpPaper } from "./paper.js";
import { setUpSearch } from "./people.js";
import { setUpPhoto } from "./photo.js";
import { isMuted, setMuted, wakeSound } from "./signals.js";
import { element, say, show } from "./texts.js";
import { setUpTyping } from "./typing.js";
import { setUpUndo, strike } from "./undo.js";
import { setUpUnsent } from "./unsent.js";
import { setUpViewfinder } from "./viewfinder.js";
import { setUpWalkIn } from "./walkin.js";

/**
 * clock() answers that of the moment. Answers {viewfinder, scanned(text, source, seen), recall(), refresh(), close()}: recall() lists whom this
 * device admitted last; refresh() is called when the checkpoint has changed. `seen`: when the code was read, by performance.now().
 */
export function setUpDoor({ book, clock }) {
  const enquiries = new Enquiries(book);
  const pointOf = (id) => book.points.find((one) => one.id === id);
  const paper = setUpPaper({ clock, point: () => book.point, offset: () => book.offset });
  const viewfinder = setUpViewfinder({ onCode: (text, seen) => scanned(text, "camera", seen), isOnPaper: () => paper.source("camera") === "paper" });

  async function take(what, source, seen = performance.now()) {
    if (!book.point) return noPoint();
    const result = await book.scan({ ...what, source: paper.source(source), ...paper.moment() });
    tell(result);
    requestAnimationFrame(() => performance.measure("verdict", { start: seen }));
    return result;
  }

  function noPoint() {
    answer({ kind: "refused", title: say("refused"), name: "", place: "", detail: say("no-checkpoint") });
  }

  function scanned(text, source, seen) {
    return take({ code: text }, source, seen);
  }

  /** `place`: the institution's name, which a body that names it by its number lacks; `again`: the scan of the form that is mended. */
  async function register(body, place, again) {
    if (!book.point && !again) return noPoint() ?? { reason: "not_kept" };
    const result = await (again ? book.mend(again, body) : book.walkIn({ ...paper.moment(), ...body }));
    if (result.reason !== "malformed") {
      tell({ ...result, person: { name: body.name, groups: [], ...result.person, institution: result.person?.institution || place } }, { walkIn: true });
    }
    return result;
  }

  function tell(result, options) {
    answer(enter(result, options));
  }

  /** Answers the words that were put on the list. */
  function enter(result, options) {
    const words = worded(result, clock(), pointOf(result.checkpoint), options);
    list({ ...words, time: Date.parse(result.occurred_at) ? clock().plain(result.occurred_at) : "", scanId: result.scan_id }, result.decision === "admitted" && !result.offline ? undo : null);
    return words;
  }

  function later(result) {
    const words = enter(result);
    const { before, decision } = result;
    const wasLetIn = decision === "refused" && before && before !== "refused";
    const wasTurnedAway = decision === "admitted" && before === "refused";
    if (wasLetIn || wasTurnedAway) warn(words);
  }

  async function recall() {
    clearList();
    for (const { at, person, scan_id } of (await enquiries.recent()).reverse()) {
      list({ kind: "admitted", name: person.name, place: person.institution, detail: "", time: clock().plain(at), scanId: scan_id }, undo);
    }
  }

  function refresh() {
    paper.tell();
    walkIn.load(); // without network the form needs them
  }

  function close() {
    viewfinder.stop();
    clearList();
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  }

  const walkIn = setUpWalkIn({
    institutions: () => enquiries.institutions(),
    personOf: (hash) => enquiries.personOf(hash),
    onSubmit: register,
    onLeft: (result) => tell(result),
    onTakenBack: (scanId) => book.queue.discard(scanId),
  });
  const search = setUpSearch({
    search: (text) => enquiries.search(text),
    clock,
    onChosen: (person) => take({ code_hash: person.hash }, "search"),
    onRepresent: (person) => walkIn.open({ represents: person }),
    onWalkIn: (name) => walkIn.open({ name }),
  });
  const undo = setUpUndo({
    annul: (scanId, reason) => enquiries.annul(scanId, reason),
    onAnnulled(entry, reason) {
      strike(entry.item);
      if (reason === element("undo-quick").querySelector("[data-stand-in]").dataset.reason) search(entry.name);
    },
  });
  setUpTyping({ onCode: (code) => scanned(code, "typed") });
  setUpPhoto({
    decoder: viewfinder.decoder,
    onCode: (text) => scanned(text, "photo"),
    onNothing: () => answer({ kind: "parked", title: say("photo-title"), name: "", place: "", detail: say("photo-nothing") }),
  });
  setUpUnsent({ book, clock, pointName: (id) => pointOf(id)?.short_name ?? "", personOf: (body) => book.personOf(body), onMend: (entry) => walkIn.mend(entry.body, entry.problem) });
  setUpAround();
  book.onLater((_scanId, result) => later(result));
  return { viewfinder, scanned, recall, refresh, close };
}

function setUpAround() {
  const mute = element("mute");
  const tell = () => mute.setAttribute("aria-pressed", String(isMuted()));
  mute.addEventListener("click", () => {
    setMuted(!isMuted());
    tell();
  });
  element("answer").addEventListener("click", dismiss);
  element("later-seen").addEventListener("click", () => show("later", false));
  for (const kind of ["pointerup", "click", "keydown"]) addEventListener(kind, wakeSound); // a finger that comes down is no touch yet
  tell();
}
