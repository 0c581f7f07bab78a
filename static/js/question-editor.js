// The editor of a question shows what belongs to its kind: options to choose from, or limits. Without scripts all of it is there.

const form = document.querySelector("form[data-question-editor]");
const { kind } = form.elements;

function follow() {
  for (const part of form.querySelectorAll("[data-kinds]")) part.hidden = !part.dataset.kinds.split(" ").includes(kind.value);
}

kind.addEventListener("change", follow);
follow();
