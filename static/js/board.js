// The board of attendance: asks for its figures every ten seconds while somebody looks, and settles by one tap without leaving the page.

import { draw } from "./chart.js";
import { mend } from "./mend.js";

const EVERY = 10_000;
const PATIENCE = 8_000;
const figures = document.getElementById("figures");
const away = document.getElementById("away");
let timer = 0;
let asking = null;

async function ask(address, options = {}) {
  const response = await fetch(address, { ...options, headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(PATIENCE) });
  if (response.status === 401) throw new Error(away.dataset.signedOut);
  if (!response.ok) throw new Error(away.dataset.failed);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function show(fresh) {
  for (const id of ["flashes", "figures"]) {
    const part = fresh.getElementById(id);
    if (part) mend(document.getElementById(id), part);
  }
  draw(document.getElementById("chart"));
  say("");
}

function say(problem) {
  away.querySelector("[data-words]").textContent = problem;
  away.hidden = !problem;
}

function told(error) {
  return error instanceof TypeError || error.name === "TimeoutError" ? away.dataset.lost : error.message;
}

async function refresh() {
  clearTimeout(timer);
  if (document.hidden || asking) return;
  asking = ask(figures.dataset.board);
  try {
    show(await asking);
  } catch (error) {
    say(told(error));
  } finally {
    asking = null;
    if (!document.hidden) timer = setTimeout(refresh, EVERY);
  }
}

async function settle(event) {
  const form = event.target;
  if (!form.matches("[data-settle]") || form.dataset.settling) return;
  event.preventDefault();
  form.dataset.settling = "yes";
  const after = form.closest("li").nextElementSibling ?? form.closest("li").previousElementSibling;
  try {
    show(await ask(form.action, { method: "POST", body: new FormData(form, event.submitter) }));
    if (document.activeElement === document.body) (after?.isConnected ? after.querySelector("button") : document.getElementById("isi"))?.focus();
  } catch (error) {
    say(told(error));
  } finally {
    delete form.dataset.settling;
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
}

if (figures) {
  draw(document.getElementById("chart"));
  timer = setTimeout(refresh, EVERY);
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
  addEventListener("online", refresh);
  document.addEventListener("submit", settle);
}
