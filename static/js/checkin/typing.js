// Typing a code: each character is looked at while it is typed, and shown in a cell of its own, in groups of four.

import { CODE_LENGTH, caretAfter, grouped, isWhole, joined, letters } from "./letters.js";
import { element, say } from "./texts.js";

/** onCode(code) gets 16 characters that can be a code; its Promise answers what came of it. A code that nobody has stays, to be looked at. */
export function setUpTyping({ onCode }) {
  const dialog = element("typing");
  const input = element("typed");
  const cells = element("typed-letters");
  let unknown = "";
  cells.replaceChildren(...Array.from({ length: CODE_LENGTH }, () => document.createElement("i")));

  function look(event) {
    const found = letters(input.value);
    if (!event?.isComposing) regroup(found); // a keyboard that still composes the word would type it twice
    paint(found);
    const wrong = found.findIndex((one) => !one.possible);
    input.setAttribute("aria-invalid", String(wrong >= 0 || found.length > CODE_LENGTH));
    element("typed-note").textContent = wrong >= 0 ? say("code-letter", { letter: found[wrong].letter, place: wrong + 1 }) : say("code-count", { count: found.length });
  }

  function regroup(found) {
    const text = grouped(found);
    if (text === input.value) return;
    const before = letters(input.value.slice(0, input.selectionStart)).length;
    const atEnd = input.selectionStart === input.value.length;
    input.value = text;
    const caret = atEnd ? text.length : caretAfter(before);
    input.setSelectionRange(caret, caret);
  }

  function paint(found) {
    Array.from(cells.children).forEach((cell, place) => {
      cell.textContent = found[place]?.letter ?? "";
      cell.className = found[place] && !found[place].possible ? "impossible" : "";
    });
    cells.classList.toggle("whole", isWhole(found));
  }

  input.addEventListener("input", look);
  input.addEventListener("compositionend", () => look());
  element("open-typing").addEventListener("click", () => {
    input.value = unknown;
    look();
    dialog.showModal();
    input.focus();
  });
  element("typing-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const found = letters(input.value);
    look();
    if (isWhole(found)) {
      dialog.close();
      unknown = "";
      const { decision, reason } = (await onCode(joined(found))) ?? {};
      if (decision === "refused" && reason === "unknown") unknown = grouped(found);
    } else {
      if (found.every((one) => one.possible)) element("typed-note").textContent = say("code-short", { count: found.length });
      input.focus();
    }
  });
}
