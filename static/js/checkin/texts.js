// Sentences of the page, translated by the server, and the page's elements.

const sentences = new Map();
for (const one of document.getElementById("texts").content.querySelectorAll("[data-key]")) sentences.set(one.dataset.key, one.textContent);

export const element = (id) => document.getElementById(id);

export function say(key, values = {}) {
  const text = sentences.get(key) ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function show(id, visible) {
  element(id).hidden = !visible;
}

export function piece(id) {
  return element(id).content.firstElementChild.cloneNode(true);
}

export function setUpDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
    });
  }
}

/** The wall clock of the stage: "08.02 WIB"; with the date where it is not today. */
export function clockOf(stage) {
  const language = document.documentElement.lang;
  const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: stage.timezone });
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", timeZone: stage.timezone });
  return (moment) => {
    const date = new Date(moment);
    const shown = `${time.format(date)} ${stage.zone}`;
    return day.format(date) === day.format(new Date()) ? shown : `${day.format(date)}, ${shown}`;
  };
}
