// Searching a name for who comes without a QR: who is it, or whom does he stand in for.

import { element, piece, say, show } from "./texts.js";

const AFTER_TYPING = 120;
const SHORTEST = 2;
const MOST = 20;

/**
 * search(text) → Promise of people; clock() answers that of the moment. onChosen(person): it is he; onRepresent(person): somebody
 * comes in his place; onWalkIn(typed): nobody of these. Answers the function that opens the dialog with a text.
 */
export function setUpSearch({ search, clock, onChosen, onRepresent, onWalkIn }) {
  const dialog = element("search");
  const input = element("search-text");
  let timer = 0;
  let latest = 0;

  async function look() {
    const typed = input.value.trim();
    const turn = (latest += 1);
    if (typed.length < SHORTEST) return fill([], say("search-hint"));
    let people = [];
    let note = "";
    try {
      people = await search(typed);
      if (people.length >= MOST) note = say("search-more", { count: people.length });
      else if (!people.length) note = say("search-nothing");
    } catch (error) {
      note = say("search-lost");
      if (turn === latest) fill([], note);
      throw error;
    }
    if (turn === latest) fill(people, note);
  }

  function fill(people, note) {
    element("search-note").textContent = note;
    element("found").replaceChildren(...people.map(row));
  }

  function row(person) {
    const item = piece("person");
    const [itself, instead] = item.querySelectorAll("button");
    item.querySelector("strong").textContent = person.name;
    item.querySelector(".person-place").textContent = [person.institution, ...person.groups].filter(Boolean).join(" · ");
    item.querySelector(".person-state").textContent = stateOf(person, clock());
    item.querySelector(".person-do").hidden = person.status !== "confirmed" || Boolean(person.attended_at);
    itself.addEventListener("click", () => leave(() => onChosen(person)));
    instead.hidden = person.status !== "confirmed" || Boolean(person.attended_at);
    instead.setAttribute("aria-label", `${instead.textContent}: ${person.name}`);
    instead.addEventListener("click", () => leave(() => onRepresent(person)));
    return item;
  }

  function leave(then) {
    dialog.close();
    then();
  }

  function open(text = "") {
    input.value = text;
    look();
    show("search-walk-in", true);
    dialog.showModal();
    input.focus();
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, AFTER_TYPING);
  });
  element("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    look();
  });
  element("open-search").addEventListener("click", () => open());
  element("search-walk-in").addEventListener("click", () => leave(() => onWalkIn(input.value.trim())));
  return open;
}

function stateOf(person, clock) {
  if (person.attended_at) return say("there", { time: clock.plain(person.attended_at) });
  return person.status === "confirmed" ? "" : say(`status-${person.status}`);
}
