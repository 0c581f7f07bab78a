// select[data-search] becomes a search box with a list (ARIA combobox); without scripts it stays a select.
// data-depends="other" keeps the options whose data-<other> names (among others, by spaces) the value of the field `other`, those without
// one, and all while nothing is chosen. An option with data-always stands below whatever is found.

const MOST = 100;
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

class Combobox {
  constructor(select) {
    this.select = select;
    this.active = -1;
    this.build();
    this.listen();
    this.show();
  }

  build() {
    const { select } = this;
    const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
    this.input = make("input", { type: "text", id: `${select.id}-search`, className: select.className.replace("form-select", "form-control"), autocomplete: "off", spellcheck: false, placeholder: select.dataset.search || "" });
    this.list = make("ul", { id: `${select.id}-list`, className: "combobox-list", hidden: true });
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id })) this.input.setAttribute(name, value);
    for (const name of ["aria-describedby", "aria-invalid"]) if (select.hasAttribute(name)) this.input.setAttribute(name, select.getAttribute(name));
    this.list.setAttribute("role", "listbox");
    const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    if (label) {
      label.htmlFor = this.input.id;
      this.list.setAttribute("aria-label", label.textContent.trim());
    }
    this.input.required = select.required;
    select.required = false;
    select.removeAttribute("aria-invalid");
    const box = make("div", { className: "combobox" });
    select.before(box);
    box.append(this.input, this.list, select);
    select.classList.add("visually-hidden");
    select.tabIndex = -1;
    select.setAttribute("aria-hidden", "true");
  }

  listen() {
    const { input, list, select } = this;
    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => {
      if (list.hidden) input.select(); // one who looks again types anew, not behind what is chosen
      this.open();
    });
    input.addEventListener("input", () => this.open(input.value));
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.leave());
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus, and the list open
    list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item) this.choose(item.dataset.value);
    });
    select.addEventListener("change", () => this.show());
    select.addEventListener("focus", () => input.focus());
  }

  get options() {
    return [...this.select.options].filter((option) => option.value !== "");
  }

  open(typed = "") {
    const words = plain(typed).split(/\s+/).filter(Boolean);
    const always = this.options.filter((option) => "always" in option.dataset);
    const matching = this.options.filter((option) => !always.includes(option) && words.every((word) => plain(option.text).includes(word)));
    const found = [...matching.slice(0, MOST), ...always];
    this.list.replaceChildren(...found.map((option, place) => this.item(option, place)));
    if (!matching.length) this.list.prepend(Object.assign(document.createElement("li"), { className: "nothing", textContent: this.select.dataset.nothing || "–" }));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.activate(typed && matching.length ? 0 : found.findIndex((option) => option.selected));
  }

  item(option, place) {
    const item = Object.assign(document.createElement("li"), { id: `${this.list.id}-${place}`, textContent: option.text });
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(option.selected));
    item.dataset.value = option.value;
    return item;
  }

  activate(place) {
    const items = [...this.list.querySelectorAll("[role=option]")];
    this.active = items.length ? Math.max(-1, Math.min(place, items.length - 1)) : -1;
    items.forEach((item, other) => item.classList.toggle("active", other === this.active));
    const item = items[this.active];
    if (item) item.scrollIntoView({ block: "nearest" });
    if (item) this.input.setAttribute("aria-activedescendant", item.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const closed = this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (closed) this.open();
      else this.activate(this.active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !closed) {
      event.preventDefault();
      const item = this.list.querySelector(".active");
      if (item) this.choose(item.dataset.value);
    } else if (event.key === "Escape" && !closed) {
      event.preventDefault();
      this.show();
      this.close();
    }
  }

  choose(value) {
    this.select.value = value;
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
    this.close();
  }

  leave() {
    if (this.input.value.trim() === "" && this.select.value !== "") this.choose("");
    const same = this.options.find((option) => plain(option.text) === plain(this.input.value.trim()));
    if (same && same.value !== this.select.value) this.choose(same.value);
    this.show();
    this.close();
  }

  show() {
    const option = this.select.selectedOptions[0];
    this.input.value = option && option.value !== "" ? option.text : "";
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

function followOther(select) {
  const name = select.dataset.depends;
  const all = [...select.options];
  const others = [...select.form.elements].filter((field) => field.name === name);
  const chosen = () => (others.length && others[0].type === "radio" ? (others.find((field) => field.checked) || { value: "" }).value : others[0]?.value);
  const follow = () => {
    const wanted = chosen();
    const before = select.value;
    select.replaceChildren(...all.filter((option) => !wanted || !option.dataset[name] || option.dataset[name].split(" ").includes(wanted)));
    if ([...select.options].some((option) => option.value === before)) select.value = before;
    else select.selectedIndex = 0;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  for (const field of others) field.addEventListener("change", follow);
  follow();
}

function enhance(root) {
  for (const select of root.querySelectorAll("select[data-depends]:not([data-ready])")) followOther(select);
  for (const select of root.querySelectorAll("select[data-search]:not([data-ready])")) new Combobox(select);
  for (const select of root.querySelectorAll("select[data-depends], select[data-search]")) select.dataset.ready = "yes";
}

enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt.parentNode || document));
