// Annulling an admission, with a reason.

import { Lost, Refused } from "./device.js";
import { element, say } from "./texts.js";

/**
 * annul(scanId, reason) → Promise, after which onAnnulled(entry, reason) is called. Answers the function that asks whether to annul an
 * entry.
 */
export function setUpUndo({ annul, onAnnulled }) {
  const dialog = element("undo");
  const reason = element("undo-reason");
  let entry = null;

  element("undo-quick").addEventListener("click", (event) => {
    const button = event.target.closest("[data-reason]");
    if (button) reason.value = button.dataset.reason;
  });
  element("undo-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = reason.value.trim();
    if (!typed) return complain(say("reason-needed"));
    try {
      await annul(entry.scanId, typed);
      dialog.close();
      onAnnulled(entry, typed);
    } catch (error) {
      if (!(error instanceof Lost || error instanceof Refused)) throw error;
      complain(error instanceof Refused ? error.message : say("annul-failed"));
    }
  });

  function complain(text) {
    element("undo-note").textContent = text;
    reason.focus();
  }

  return (chosen) => {
    entry = chosen;
    reason.value = "";
    element("undo-note").textContent = "";
    element("undo-name").textContent = [chosen.name, chosen.place].filter(Boolean).join(" – ");
    dialog.showModal();
  };
}

/** The entry of the list says that it counts no more. */
export function strike(item) {
  item.classList.add("entry-annulled");
  item.querySelector("button").hidden = true;
  item.querySelector(".entry-offline").hidden = true;
  item.querySelector(".entry-text span").textContent = say("annulled");
}
