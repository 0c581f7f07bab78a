// A stage's own questions come and go as the form is filled: by the category, and by the answer to a question above.
// Without scripts all are shown with a note, and the server ignores what was answered to a question that is not asked.

const asked = [...document.querySelectorAll("[data-asked]")];
const form = asked[0]?.closest("form");

/** What is answered to the field of that name: "yes" for a ticked statement, every ticked choice, [] for nothing. */
function answersTo(name) {
  const fields = [...form.querySelectorAll(`[name="${name}"]`)];
  return fields
    .filter((field) => (["checkbox", "radio"].includes(field.type) ? field.checked : field.value !== ""))
    .map((field) => (field.type === "checkbox" && field.value === "y" ? "yes" : field.value));
}

function isAsked({ categories, dependsOn, dependsValue }) {
  const category = form.elements.category?.value;
  if (categories && category !== undefined && !categories.split(" ").includes(category)) return false;
  if (!dependsOn) return true;
  const shows = form.querySelector(`[name="${dependsOn}"]`)?.closest("[data-asked]");
  return !shows?.hidden && answersTo(dependsOn).includes(dependsValue);
}

function follow() {
  for (const question of asked) question.hidden = !isAsked(question.dataset);
}

if (form) {
  for (const note of form.querySelectorAll(".asked-note")) note.hidden = true;
  form.addEventListener("change", follow);
  form.addEventListener("input", follow);
  follow();
}
