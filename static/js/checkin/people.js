// Searching a name for who comes without a QR, and annulling an admission.

import { ask, Lost, Refused } from "./device.js";
import { element, piece, say } from "./texts.js";

const AFTER_TYPING = 250;
const MOST = 20;

/** onChosen(person) gets one of the people found. checkpoint() and clock() answer those of the moment. */
export function setUpSearch({ checkpoint, clock, onChosen }) {
  const dialog = element("search");
  const input = element("search-text");
  let timer = 0;
  let latest = 0;

  async function search() {
    const typed = input.value.trim();
    const turn = (latest += 1);
    if (typed.length < 2) return fill([], "");
    try {
      const { people } = await ask(`/checkpoints/${checkpoint()}/people?q=${encodeURIComponent(typed)}`);
      if (turn !== latest) return;
      fill(people, people.length ? (people.length === MOST ? say("search-more", { count: MOST }) : "") : say("search-nothing"));
    } catch (error) {
      if (!(error instanceof Lost || error instanceof Refused)) throw error;
      if (turn === latest) fill([], error instanceof Refused ? error.message : say("search-lost"));
    }
  }

  function fill(people, note) {
    element("search-note").textContent = note;
    element("found").replaceChildren(...people.map(row));
  }

  function row(person) {
    const item = piece("person");
    item.querySelector("strong").textContent = person.name;
    item.querySelector(".person-place").textContent = [person.institution, ...person.groups].filter(Boolean).join(" · ");
    item.querySelector(".person-state").textContent = stateOf(person, clock());
    item.querySelector("button").addEventListener("click", () => {
      dialog.close();
      onChosen(person);
    });
    return item;
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, AFTER_TYPING);
  });
  element("open-search").addEventListener("click", () => {
    input.value = "";
    fill([], "");
    dialog.showModal();
    input.focus();
  });
}

function stateOf(person, clock) {
  if (person.attended_at) return say("there", { time: clock.plain(person.attended_at) });
  return person.status === "confirmed" ? "" : say(`status-${person.status}`);
}

/** Answers the function that asks whether to annul an entry; onAnnulled(entry, counts). */
export function setUpUndo({ onAnnulled }) {
  const dialog = element("undo");
  const reason = element("undo-reason");
  let entry = null;

  element("undo-quick").addEventListener("click", (event) => {
    const button = event.target.closest("[data-reason]");
    if (button) reason.value = button.dataset.reason;
  });
  element("undo-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const body = { reason: reason.value };
      const { counts } = await ask(`/scans/${entry.scanId}`, { method: "DELETE", body });
      dialog.close();
      onAnnulled(entry, counts);
    } catch (error) {
      if (!(error instanceof Lost || error instanceof Refused)) throw error;
      element("undo-note").textContent = error instanceof Refused ? error.message : say("annul-failed");
    }
  });
  return (chosen) => {
    entry = chosen;
    reason.value = "";
    element("undo-note").textContent = "";
    element("undo-name").textContent = [chosen.name, chosen.place].filter(Boolean).join(" – ");
    dialog.showModal();
  };
}
