// The list narrows while one types. Rows are hidden and not taken out, so that every number typed is saved whatever is searched for.
// A page that the server has narrowed lacks the other rows: there the form goes its ordinary way.

const filters = document.querySelector("form.filters");
const { q: search, category } = filters.elements;
const rows = [...document.querySelectorAll("tr[data-named]")];
const nothing = document.querySelector("[data-nothing-found]");
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function narrow() {
  const words = plain(search.value).split(/\s+/).filter(Boolean);
  for (const row of rows) {
    const named = plain(row.dataset.named);
    row.hidden = Boolean(category.value && category.value !== row.dataset.category) || !words.every((word) => named.includes(word));
  }
  nothing.hidden = rows.some((row) => !row.hidden);
}

const isWhole = !search.defaultValue && !category.querySelector("[selected]");
if (isWhole && rows.length) {
  search.addEventListener("input", narrow);
  category.addEventListener("change", narrow);
  filters.addEventListener("submit", (event) => {
    event.preventDefault();
    narrow();
  });
  narrow();
}
