// Keeps what is typed in form[data-draft] while the tab is open, for the day the connection or the session is lost.
// Nothing outlives the tab, a sign-out or a form that was accepted; passwords, files and hidden fields are never kept.

const PREFIX = "draft:";
const SENT = "draft-sent";
const DELAY = 400;

const keyOf = (form) => PREFIX + (form.dataset.draft || location.pathname);

function isKept(field) {
  return field.name && !["password", "file", "hidden", "submit", "button", "reset"].includes(field.type) && !field.closest("[data-no-draft]");
}

function read(form) {
  const values = {};
  for (const field of form.elements) {
    if (!isKept(field)) continue;
    const list = (values[field.name] ||= []);
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) list.push(field.value);
    } else if (field.multiple && field.options) {
      list.push(...[...field.selectedOptions].map((option) => option.value));
    } else {
      list.push(field.value);
    }
  }
  return values;
}

function write(form, values) {
  const used = {};
  for (const field of form.elements) {
    const kept = isKept(field) && values[field.name];
    if (!kept) continue;
    if (field.type === "checkbox" || field.type === "radio") {
      field.checked = kept.includes(field.value);
    } else if (field.multiple && field.options) {
      for (const option of field.options) option.selected = kept.includes(option.value);
    } else {
      const place = (used[field.name] = (used[field.name] ?? -1) + 1);
      if (kept[place] !== undefined) field.value = kept[place];
    }
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function forgetAll() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX) || key === SENT) sessionStorage.removeItem(key);
}

function settleLastSent(forms) {
  const sent = sessionStorage.getItem(SENT);
  if (!sent || document.body.matches(".keeps-drafts")) return; // an error or the sign-in: the form was not taken
  const accepted = document.querySelector("#flashes .alert-success") || !forms.some((form) => keyOf(form) === sent);
  if (accepted) sessionStorage.removeItem(sent);
  sessionStorage.removeItem(SENT);
}

function watch(form) {
  const key = keyOf(form);
  const kept = sessionStorage.getItem(key);
  const givenBack = form.matches("[data-given-back]") || form.querySelector('[aria-invalid="true"], [data-first-error], [role="alert"]'); // the server has filled it
  if (kept && !givenBack) {
    write(form, JSON.parse(kept));
    for (const note of form.querySelectorAll("[data-draft-note]")) note.hidden = false;
  }
  let timer;
  const save = () => sessionStorage.setItem(key, JSON.stringify(read(form)));
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, DELAY);
  });
  form.addEventListener("change", save);
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    clearTimeout(timer);
    save();
    sessionStorage.setItem(SENT, key);
  });
  form.addEventListener("click", (event) => {
    const [leaves, clears] = ["[data-draft-forget]", "[data-draft-clear]"].map((kind) => event.target.closest(kind));
    if (!leaves && !clears) return;
    clearTimeout(timer);
    sessionStorage.removeItem(key);
    if (clears) location.reload();
  });
}

try {
  const forms = [...document.querySelectorAll("form[data-draft]")];
  settleLastSent(forms);
  forms.forEach(watch);
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-forgets-drafts]")) forgetAll();
  });
} catch (error) {
  if (!(error instanceof DOMException)) throw error; // storage is switched off: the form works without
}
