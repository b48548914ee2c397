// Adds the people chosen in the search to the lines of an order; a line that stands there already is left alone.
const found = document.querySelector("[data-found]");
const row = document.querySelector("[data-add-row]");
const lines = document.querySelector("textarea[name=recipients]");
const chosen = () => [...found.querySelectorAll("[data-line]:checked")];

found.addEventListener("change", () => { row.hidden = !chosen().length; });
found.addEventListener("htmx:afterSwap", () => { row.hidden = true; });
row.querySelector("[data-add]").addEventListener("click", () => {
  const known = new Set(lines.value.split("\n").map((line) => line.trim()).filter(Boolean));
  for (const box of chosen()) {
    known.add(box.dataset.line);
    box.checked = false;
  }
  lines.value = [...known].join("\n");
  row.hidden = true;
  lines.focus();
});
