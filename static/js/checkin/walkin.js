// "Daftar di tempat": who comes without a registration, or in somebody's place. Works without network; nothing typed is lost by an error.

import { Pick } from "./pick.js";
import { element, say, show } from "./texts.js";

const FIELDS = ["name", "institution", "category", "position", "phone"];
const INDONESIAN = /^(?:\+?62|0)?8[1-9]\d{6,10}$/;
const FOREIGN = /^(?:\+|00)(?!62)[1-9]\d{6,14}$/;
const BETWEEN = /[\s().\-\u2010-\u2015\u2212]/g;
const field = (name) => element(`walk-in-${name}`);

/**
 * institutions() → Promise of {institutions, categories}; onSubmit(body, institution's name) → Promise of the answer; a malformed one
 * is shown in the form again. Answers {open, load}: open({name}) or open({represents: a person found}); load() the lists beforehand.
 */
export function setUpWalkIn({ institutions, onSubmit }) {
  const dialog = element("walk-in");
  const pick = new Pick(field("institution"), element("walk-in-institutions"), () => askCategory(false));
  let categories = [];
  let represents = null; // whose place is taken

  async function load() {
    try {
      const known = await institutions();
      pick.options = known.institutions;
      categories = known.categories;
      askCategory(!element("walk-in-category-row").hidden);
    } catch {
      // none are known yet; what is typed is taken, and the form says what it lacks
    }
  }

  /** The category is asked for only when the institution is none of the list; without any, only those that need none fit. */
  function askCategory(asked) {
    const select = field("category");
    const needed = !represents && !pick.chosen && asked;
    show("walk-in-category-row", needed);
    if (!needed) return;
    const fitting = categories.filter((one) => field("institution").value.trim() || !one.needs_institution);
    const before = select.value;
    select.replaceChildren(new Option(say("choose"), ""), ...fitting.map((one) => new Option(one.name, one.code)));
    if (fitting.some((one) => one.code === before)) select.value = before;
  }

  function body() {
    const text = Object.fromEntries(FIELDS.map((name) => [name, field(name).value.trim()]));
    const answer = { name: text.name, position: text.position, phone: text.phone };
    if (represents) answer.represents = represents.hash;
    else if (pick.chosen) answer.institution_id = pick.chosen.id;
    else Object.assign(answer, { institution: text.institution, category: text.category });
    return Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== ""));
  }

  /** What is wrong, by field; the first of them gets the focus. */
  function complain(wrong) {
    for (const name of FIELDS) {
      element(`walk-in-${name}-note`).textContent = wrong[name] ?? "";
      field(name).setAttribute("aria-invalid", String(name in wrong));
    }
    const first = FIELDS.find((name) => name in wrong);
    if (first) field(first).focus();
    return Boolean(first);
  }

  function wrongIn({ name, institution_id, category, phone }) {
    const wrong = {};
    if ((name?.match(/\p{L}/gu) ?? []).length < 2) wrong.name = say("walk-in-no-name");
    if (!represents && institution_id === undefined && !category) wrong.category = categories.length ? say("walk-in-no-category") : say("walk-in-no-list");
    if (phone && !isPhone(phone)) wrong.phone = say("walk-in-wrong-phone");
    return wrong;
  }

  function open({ name = "", represents: holder = null }) {
    if (name || holder || represents) element("walk-in-form").reset(); // else what was typed before is still there
    represents = holder;
    if (name) field("name").value = name;
    element("walk-in-title").textContent = holder ? say("represent-title", { name: holder.name }) : say("walk-in-title");
    element("walk-in-note").textContent = holder ? say("represent-note", { name: holder.name, institution: holder.institution || say("no-institution") }) : say("walk-in-note");
    element("walk-in-submit").textContent = holder ? say("represent-submit") : say("walk-in-submit");
    show("walk-in-institution-row", !holder);
    reopen({});
    load();
  }

  function reopen(wrong) {
    askCategory(Boolean(field("institution").value.trim()) || "category" in wrong);
    dialog.showModal();
    if (!complain(wrong)) field("name").focus();
  }

  field("institution").addEventListener("blur", () => askCategory(Boolean(field("institution").value.trim())));
  element("walk-in-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = body();
    const wrong = wrongIn(said);
    if (wrong.category) askCategory(true);
    if (complain(wrong)) return;
    dialog.close();
    const answer = await onSubmit(said, represents?.institution ?? pick.chosen?.name ?? said.institution ?? "");
    const place = FIELDS.find((name) => name === (answer.field === "institution_id" ? "institution" : answer.field));
    if (answer.reason === "malformed" && !dialog.open) reopen({ [place ?? "name"]: answer.detail || say("reason-malformed") });
    else if (!dialog.open && answer.reason !== "not_kept") element("walk-in-form").reset();
  });
  element("open-walk-in").addEventListener("click", () => open({}));
  return { open, load };
}

function isPhone(typed) {
  const compact = typed.replace(BETWEEN, "");
  return INDONESIAN.test(compact) || FOREIGN.test(compact);
}
