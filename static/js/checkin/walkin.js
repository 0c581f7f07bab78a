// "Daftar di tempat": who comes without a registration, or in somebody's place. Works without network; nothing typed is lost by an error.

import { Pick } from "./pick.js";
import { element, say, show } from "./texts.js";

const FIELDS = ["name", "institution", "category", "position", "phone"];
const INDONESIAN = /^(?:\+?62|0)?8[1-9]\d{6,10}$/;
const NAME = /^[\p{L}\p{M}\s.,'’‘`ʼ\-‐‑–/()]+$/u; // as app/shared/names.py has it
const FOREIGN = /^(?:\+|00)(?!62)[1-9]\d{6,14}$/;
const BETWEEN = /[\s().\-\u2010-\u2015\u2212]/g;
const field = (name) => element(`walk-in-${name}`);

/**
 * institutions() → Promise of {institutions, categories}; personOf(hash) → {hash, name, institution}; onSubmit(body, institution's name,
 * scan_id of the form that is mended) → Promise of the answer. A malformed one is shown in the form again, or onLeft(answer) hears that it
 * is left among what is unsent, since the form is filled for somebody else by now; onTakenBack(scan_id): it is not. Answers {open, mend, load}: open({name}) or
 * open({represents: a person found}); mend(body, problem) of what the server could not take; load() the lists beforehand.
 */
export function setUpWalkIn({ institutions, personOf, onSubmit, onLeft, onTakenBack }) {
  const dialog = element("walk-in");
  const pick = new Pick(field("institution"), element("walk-in-institutions"), () => askCategory(false));
  let categories = [];
  let represents = null; // whose place is taken
  let mending = null; // the scan of a form that the server could not take
  let lost = null; // what neither this device nor the server has kept: {typed, scan_id, occurred_at}

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
    else if (!NAME.test(name)) wrong.name = say("walk-in-wrong-name");
    if (!represents && institution_id === undefined && !category) wrong.category = categories.length ? say("walk-in-no-category") : say("walk-in-no-list");
    if (phone && !isPhone(phone)) wrong.phone = say("walk-in-wrong-phone");
    return wrong;
  }

  function open({ name = "", represents: holder = null }) {
    if (name || holder || represents || mending) element("walk-in-form").reset(); // else what was typed before is still there
    mending = null;
    if (name) field("name").value = name;
    word(holder);
    reopen({});
    load();
  }

  function word(holder) {
    represents = holder;
    element("walk-in-title").textContent = holder ? say("represent-title", { name: holder.name }) : say("walk-in-title");
    element("walk-in-note").textContent = holder ? say("represent-note", { name: holder.name, institution: holder.institution || say("no-institution") }) : say("walk-in-note");
    element("walk-in-submit").textContent = holder ? say("represent-submit") : say("walk-in-submit");
    show("walk-in-institution-row", !holder);
  }

  async function mend(said, { field: name, detail }) {
    if (!categories.length) await load();
    mending = said.scan_id;
    word(said.represents ? personOf(said.represents) : null);
    fill(said);
    reopen(problemOf(name, detail));
  }

  function fill(said) {
    for (const one of ["name", "position", "phone"]) field(one).value = said[one] ?? "";
    field("institution").value = pick.options.find((one) => one.id === said.institution_id)?.name ?? said.institution ?? "";
    askCategory(Boolean(said.category));
    field("category").value = said.category ?? "";
  }

  function problemOf(name, detail) {
    const place = FIELDS.find((one) => one === (name === "institution_id" ? "institution" : name)) ?? "name";
    return { [place]: detail || say("reason-malformed") };
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
    const typed = JSON.stringify(said);
    const again = lost?.typed === typed ? { scan_id: lost.scan_id, occurred_at: lost.occurred_at } : {}; // perhaps the server has it
    const mended = mending;
    const asking = onSubmit({ ...said, ...again }, represents?.institution ?? pick.chosen?.name ?? said.institution ?? "", mended);
    element("walk-in-form").reset(); // for whoever comes next
    const answer = await asking;
    const { reason, scan_id, occurred_at } = answer;
    lost = reason === "not_kept" ? { typed, scan_id, occurred_at } : null;
    if (dialog.open) return reason === "malformed" && onLeft(answer);
    if (reason === "not_kept") fill(said);
    if (reason !== "malformed") return;
    if (!mended) await onTakenBack(scan_id);
    mend({ ...said, scan_id: mended }, answer);
  });
  element("open-walk-in").addEventListener("click", () => open({}));
  return { open, mend, load };
}

function isPhone(typed) {
  const compact = typed.replace(BETWEEN, "");
  return INDONESIAN.test(compact) || FOREIGN.test(compact);
}
