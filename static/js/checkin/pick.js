// A text field with a list of what fits below it (ARIA combobox); what stands in no list may be typed as well.

const MOST = 30;
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

export class Pick {
  /** onChange(chosen) whenever the field holds another one of the list ({id, name, …}), or null for none of them. */
  constructor(input, list, onChange) {
    Object.assign(this, { input, list, onChange, options: [], active: -1 });
    input.addEventListener("input", () => {
      this.open();
      this.onChange(this.chosen);
    });
    input.addEventListener("click", () => this.open());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus, and the list open
    list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item) this.choose(item.textContent);
    });
  }

  /** The one of the list whose name stands in the field. */
  get chosen() {
    const typed = plain(this.input.value);
    return this.options.find((one) => plain(one.name) === typed) ?? null;
  }

  choose(name) {
    this.input.value = name;
    this.close();
    this.onChange(this.chosen);
  }

  open() {
    const words = plain(this.input.value).split(/\s+/);
    const fitting = this.options.filter((one) => words.every((word) => plain(one.name).includes(word))).slice(0, MOST);
    this.list.replaceChildren(...fitting.map((one, place) => this.item(one, place)));
    const found = fitting.length > 1 || (fitting.length === 1 && !this.chosen);
    this.list.hidden = !found;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.activate(-1);
  }

  item(one, place) {
    const item = Object.assign(document.createElement("li"), { id: `${this.list.id}-${place}`, textContent: one.name });
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    return item;
  }

  activate(place) {
    const items = [...this.list.children];
    this.active = Math.max(-1, Math.min(place, items.length - 1));
    items.forEach((item, other) => item.setAttribute("aria-selected", String(other === this.active)));
    const item = items[this.active];
    item?.scrollIntoView({ block: "nearest" });
    if (item) this.input.setAttribute("aria-activedescendant", item.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const closed = this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (closed) this.open();
      this.activate(this.active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !closed && this.active >= 0) {
      event.preventDefault();
      this.choose(this.list.children[this.active].textContent);
    } else if (event.key === "Escape" && !closed) {
      event.preventDefault(); // the list is closed, not the dialog around it
      this.close();
    }
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
