// How a browser becomes a scanner: by one tap of a signed-in organiser, or by the code that an organiser shows.

import { enrolled, keep } from "./device.js";
import { stay } from "./leaving.js";
import { wipe } from "./store.js";
import { element, piece, say, show } from "./texts.js";

const PARTS = ["enrol-signed-out", "enrol-none", "enrol-lost", "enrol-form"];
const IN_ADDRESS = /^#daftar=([\w-]+)$/;
let csrfToken = "";
let taps = false; // by one tap; else by a code

/** The code that a QR of the panel brought along in the address; "" if there is none. */
export function codeInAddress() {
  return IN_ADDRESS.exec(location.hash)?.[1] ?? "";
}

/** Show what it takes. `wanted` is the slug of a stage asked for by the address; onEnrolled() follows; clear() answers
 * whether nothing of another stage waits to be sent any more. */
export async function offer({ wanted, message = "", onEnrolled, clear = async () => true }) {
  show("door", false);
  show("enrol", true);
  complain(message);
  element("sign-in").href = `/masuk?next=${encodeURIComponent(location.pathname + location.search)}`;
  element("enrol-again").onclick = () => offer({ wanted, onEnrolled, clear });
  element("enrol-form").onsubmit = (event) => {
    event.preventDefault();
    enrol(onEnrolled, clear);
  };
  element("enrol-code").value = codeInAddress();
  if (codeInAddress()) return byCode();
  let answer;
  try {
    const response = await fetch("/presensi/kegiatan", { redirect: "manual", cache: "no-store", headers: { Accept: "application/json" } });
    if (response.type === "opaqueredirect" || response.status === 401) return byCode("enrol-signed-out");
    if (!response.ok) return parts("enrol-lost");
    answer = await response.json();
  } catch {
    return parts("enrol-lost");
  }
  if (!answer.stages.length) return byCode("enrol-none");
  csrfToken = answer.csrf_token;
  const chosen = answer.stages.some((stage) => stage.slug === wanted) ? wanted : answer.preselected;
  element("enrol-stages").replaceChildren(...answer.stages.map((stage) => choice(stage, stage.slug === chosen)));
  element("device-name").value ||= answer.user;
  byTap();
}

function byCode(...above) {
  taps = false;
  show("enrol-choice", false);
  show("enrol-code-part", true);
  parts(...above, "enrol-form");
}

function byTap() {
  taps = true;
  show("enrol-choice", true);
  show("enrol-code-part", false);
  parts("enrol-form");
}

async function enrol(onEnrolled, clear) {
  complain("");
  if (!taps && !element("enrol-code").value.trim()) return complain(say("code-missing"));
  try {
    if (!(await clear(taps ? new FormData(element("enrol-form")).get("stage") : null))) return complain(say("enrol-unsent-first"));
    const { ok, answer } = await (taps ? tap() : redeem());
    if (!ok) return complain(answer.message ?? answer.detail);
    if (enrolled()) await wipe(); // what was known of another stage
    stay();
    await keep({ ...answer, by: taps ? "tap" : "code" });
  } catch {
    return complain(say("enrol-failed"));
  }
  if (codeInAddress()) history.replaceState(null, "", location.pathname + location.search);
  show("enrol", false);
  onEnrolled();
}

async function tap() {
  const form = new FormData(element("enrol-form"));
  form.set("name", element("device-name").value);
  form.set("csrf_token", csrfToken);
  const response = await fetch("/presensi/perangkat", { method: "POST", body: form, headers: { Accept: "application/json" } });
  return { ok: response.ok, answer: await response.json() };
}

async function redeem() {
  const body = JSON.stringify({ enrolment_code: element("enrol-code").value, name: element("device-name").value });
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const response = await fetch("/api/v1/devices", { method: "POST", body, headers, credentials: "omit" });
  return { ok: response.ok, answer: await response.json() };
}

function parts(...visible) {
  for (const id of PARTS) show(id, visible.includes(id));
}

function complain(message) {
  element("enrol-message").textContent = message;
  show("enrol-message", Boolean(message));
}

function choice(stage, checked) {
  const label = piece("stage-choice");
  const input = label.querySelector("input");
  input.value = stage.slug;
  input.checked = checked;
  label.querySelector("strong").textContent = stage.name;
  label.querySelector("span span").textContent = [stage.programme, stage.running ? `${stage.dates} (${say("running")})` : stage.dates].join(" · ");
  return label;
}
