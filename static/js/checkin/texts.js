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
      const beside = event.target === dialog && !("keep" in dialog.dataset); // a form is not lost by a touch beside it
      if (beside || event.target.closest("[data-close]")) dialog.close();
    });
  }
}

/** The wall clock of the stage, else of this device, with the date where it is not today. plain: "08.02 WIB"; when: "pukul 08.02 WIB". */
export function clockOf(stage = {}) {
  const language = document.documentElement.lang;
  const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: stage.timezone });
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", timeZone: stage.timezone });
  const parts = (moment) => {
    const [date, now] = [new Date(moment), new Date()];
    return { time: [time.format(date), stage.zone].filter(Boolean).join(" "), day: day.format(date) === day.format(now) ? "" : day.format(date) };
  };
  return {
    plain: (moment) => Object.values(parts(moment)).reverse().filter(Boolean).join(", "),
    when: (moment) => say(parts(moment).day ? "on-day-at" : "at-time", parts(moment)),
  };
}
