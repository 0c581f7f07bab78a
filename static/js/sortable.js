// A list whose entries are dragged into order by mouse or finger, or moved by the arrow keys on their handle; the form named by
// data-sortable then appears, to save it. The buttons Up and Down do the same without scripts.

const list = document.querySelector("[data-sortable]");
const form = list && document.getElementById(list.dataset.sortable);
let dragged = null;

function changed() {
  form.elements.order.value = [...list.children].map((entry) => entry.dataset.id).join(",");
  form.hidden = false;
}

function entryAt(y) {
  return [...list.children].find((entry) => entry !== dragged && y < entry.getBoundingClientRect().bottom);
}

function dragTo(y) {
  const over = entryAt(y);
  if (!over) return list.append(dragged);
  const { top, height } = over.getBoundingClientRect();
  return y < top + height / 2 ? over.before(dragged) : over.after(dragged);
}

function begin(event) {
  const handle = event.target.closest(".drag-handle");
  if (!handle) return;
  event.preventDefault();
  dragged = handle.closest("li");
  dragged.classList.add("is-dragged");
  handle.setPointerCapture(event.pointerId);
}

function end() {
  if (!dragged) return;
  dragged.classList.remove("is-dragged");
  dragged = null;
  changed();
}

function byKey(event) {
  const entry = event.target.closest(".drag-handle") && event.target.closest("li");
  const neighbour = entry && { ArrowUp: entry.previousElementSibling, ArrowDown: entry.nextElementSibling }[event.key];
  if (!neighbour) return;
  event.preventDefault();
  if (event.key === "ArrowUp") neighbour.before(entry);
  else neighbour.after(entry);
  event.target.focus();
  changed();
}

if (list) {
  list.addEventListener("pointerdown", begin);
  list.addEventListener("pointermove", (event) => dragged && dragTo(event.clientY));
  list.addEventListener("pointerup", end);
  list.addEventListener("pointercancel", end);
  list.addEventListener("keydown", byKey);
}
