// How a browser becomes a scanner: by one tap of a signed-in organiser.

import { keep } from "./device.js";
import { element, piece, say, show } from "./texts.js";

const PARTS = ["enrol-signed-out", "enrol-none", "enrol-lost", "enrol-form"];
let csrfToken = "";

/** Show what it takes. `wanted` is the slug of a stage asked for by the address; onEnrolled() follows the tap. */
export async function offer({ wanted, message = "", onEnrolled }) {
  show("door", false);
  show("enrol", true);
  complain(message);
  element("sign-in").href = `/masuk?next=${encodeURIComponent(location.pathname + location.search)}`;
  element("enrol-again").onclick = () => offer({ wanted, onEnrolled });
  element("enrol-form").onsubmit = (event) => {
    event.preventDefault();
    enrol(onEnrolled);
  };
  let answer;
  try {
    const response = await fetch("/presensi/kegiatan", { redirect: "manual", cache: "no-store", headers: { Accept: "application/json" } });
    if (response.type === "opaqueredirect" || response.status === 401) return part("enrol-signed-out");
    answer = await response.json();
  } catch {
    return part("enrol-lost");
  }
  if (!answer.stages.length) return part("enrol-none");
  csrfToken = answer.csrf_token;
  const chosen = answer.stages.some((stage) => stage.slug === wanted) ? wanted : answer.preselected;
  element("enrol-stages").replaceChildren(...answer.stages.map((stage) => choice(stage, stage.slug === chosen)));
  element("device-name").value ||= answer.user;
  part("enrol-form");
}

async function enrol(onEnrolled) {
  const form = new FormData(element("enrol-form"));
  form.set("name", element("device-name").value);
  form.set("csrf_token", csrfToken);
  try {
    const response = await fetch("/presensi/perangkat", { method: "POST", body: form, headers: { Accept: "application/json" } });
    const answer = await response.json();
    if (!response.ok) return complain(answer.message);
    keep(answer);
  } catch {
    return complain(say("enrol-failed"));
  }
  show("enrol", false);
  onEnrolled();
}

function part(visible) {
  for (const id of PARTS) show(id, id === visible);
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
