// What every page does: one press sends once, the first error gets the focus, a lost connection is said.

const RETRY_AFTER = 8000; // a download answers without leaving the page, so the button must come back

function holdSecondPress(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[data-repeatable], [hx-post], [data-hx-post]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-disabled", "true");
  setTimeout(() => release(form), RETRY_AFTER);
}

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
}

function focusFirstError() {
  const wrong = document.querySelector('main [aria-invalid="true"], main fieldset.is-wrong input') || document.querySelector("main [data-first-error]");
  if (wrong) wrong.focus();
}

function sayLostConnection() {
  const flashes = document.getElementById("flashes");
  if (!flashes || !flashes.dataset.lost) return;
  const alert = document.createElement("div");
  alert.className = "alert alert-warning";
  alert.textContent = flashes.dataset.lost;
  flashes.replaceChildren(alert);
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = button.querySelector("[data-copied]");
  if (label) label.textContent = label.dataset.copied;
}

// The browser writes dates in its own language and order; below the field they stand in the page's.
function tellDate(field) {
  const language = document.documentElement.lang;
  const [day, time] = field.value.split("T");
  const words = day && new Intl.DateTimeFormat(language, { dateStyle: "full", timeZone: "UTC" }).format(new Date(day));
  const hour = time && `${time.slice(0, 5).replace(":", language === "id" ? "." : ":")} ${field.dataset.told}`;
  let line = field.nextElementSibling;
  if (!line?.matches(".told")) {
    line = Object.assign(document.createElement("div"), { className: "form-text told" });
    line.setAttribute("aria-live", "polite");
    field.after(line);
  }
  line.textContent = [words, hour].filter(Boolean).join(", ");
}

// A shared computer that scans forgets the stage once its scans are sent (js/checkin/leaving.js).
function leaveScanner(event) {
  const scanner = localStorage.getItem("scanner");
  if (event.target.matches('form[action="/keluar"]') && scanner && !scanner.includes('"by":"code"')) localStorage.setItem("scanner-leaving", "yes");
}

document.addEventListener("submit", holdSecondPress);
document.addEventListener("submit", leaveScanner);
if (localStorage.getItem("scanner-leaving") && !document.body.matches(".scanner")) {
  import("./checkin/leaving.js").then(async ({ isLeaving, leave }) => (await isLeaving()) && leave());
}
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
});
document.addEventListener("htmx:sendError", sayLostConnection);
document.addEventListener("htmx:timeout", sayLostConnection);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-back], [data-print], [data-copy]");
  if (!button) return;
  if ("back" in button.dataset) history.back();
  else if ("print" in button.dataset) print();
  else copy(button);
});
document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("[data-told]")) tellDate(box);
  if (box.dataset.checkAll) {
    for (const one of document.querySelectorAll(`input[type=checkbox][name="${box.dataset.checkAll}"]`)) one.checked = box.checked;
  }
  if (box.matches("[data-submit-on-change]")) box.form.requestSubmit();
});
for (const button of document.querySelectorAll("[data-back][hidden]")) button.hidden = history.length < 2;
for (const button of document.querySelectorAll("[data-needs-script][hidden]")) button.hidden = false;
const tab = document.querySelector(".tab-strip [aria-current]");
if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - (tab.parentElement.clientWidth - tab.clientWidth) / 2;
document.querySelectorAll("[data-told]").forEach(tellDate);
focusFirstError();
