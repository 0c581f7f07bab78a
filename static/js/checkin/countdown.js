// Says by the second how long the enrolment code lives on. The server says how many seconds are left, whatever this clock shows.

const MINUTE = 60;
let state, ends;

function tick() {
  const found = document.getElementById("enrolment-state");
  if (!found) return;
  if (found !== state) {
    state = found;
    ends = performance.now() + Number(state.dataset.seconds) * 1000;
  }
  const left = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
  const line = state.querySelector("[data-left]");
  line.textContent = line.dataset.text.replace("{time}", `${Math.floor(left / MINUTE)}:${String(left % MINUTE).padStart(2, "0")}`);
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:afterSwap", tick);
