// The registration form follows the category: the usual kind of number is chosen, and ranks are suggested to civil servants alone.
// The name of an institution is asked only of whoever has said that it is not in the list.

const form = document.querySelector("form[data-person]");
const { category, identity_type: kind, identity_number: number, institution, institution_other: other, rank } = form.elements;
const ranks = rank.getAttribute("list");

function chooseUsual() {
  const usual = category.selectedOptions[0]?.dataset.usual;
  if (!usual || number.value.trim()) return;
  if ([...kind.options].some((option) => option.value === usual)) kind.value = usual;
  kind.dispatchEvent(new Event("change", { bubbles: true }));
}

function followKind() {
  number.closest(".field").hidden = kind.value === "NONE" && !number.value.trim();
  number.inputMode = ["NIP", "NIDN", "NUPTK"].includes(kind.value) ? "numeric" : "text";
  if (kind.value === "NIP") rank.setAttribute("list", ranks);
  else rank.removeAttribute("list");
}

function followInstitution() {
  const isTyped = institution.value === "" && other.value.trim() !== "";
  other.closest(".field").hidden = institution.value !== "other" && !isTyped;
}

category.addEventListener("change", chooseUsual);
kind.addEventListener("change", followKind);
institution.addEventListener("change", followInstitution);
const givenBack = form.querySelector('[role="alert"], [data-draft-note]:not([hidden])') || form.hasAttribute("data-filled");
if (!givenBack) chooseUsual();
followKind();
followInstitution();
