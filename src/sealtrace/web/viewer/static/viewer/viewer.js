// Keys turn pages and zoom; a page that does not come says so; what is closed goes from the screen.

const page = document.getElementById("page");
const tiles = document.getElementById("tiles");
const stage = document.getElementById("stage");
const unshown = document.getElementById("unshown");
const levels = [...document.querySelectorAll("[data-zoom]")];

function press(button) {
  for (const level of levels) level.setAttribute("aria-pressed", String(level === button));
}
function whole() {
  if (!tiles) return;
  tiles.hidden = true;
  tiles.replaceChildren();
  page.hidden = false;
  press(levels[0]);
}
function step(by) {
  const at = levels.findIndex((level) => level.getAttribute("aria-pressed") === "true");
  levels[at + by]?.click();
}
function fail() {
  if (!unshown) return;
  unshown.hidden = false;
  page.hidden = tiles.hidden = true;
}
function opened() {
  if (page.naturalWidth) htmx.trigger("#opening", "opened");
  else fail();
}
if (page) {
  if (page.complete) addEventListener("load", opened, { once: true });
  else { page.addEventListener("load", opened); page.addEventListener("error", fail); }
  levels[0]?.addEventListener("click", whole);
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== tiles) return;
    press(event.detail.requestConfig.elt);
    page.hidden = true;
    tiles.hidden = false;
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.target === tiles) fail();
  });
}
stage?.addEventListener("contextmenu", (event) => event.preventDefault());

addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select")) return;
  const scrolls = event.target === stage && tiles && !tiles.hidden;
  if (event.key === "ArrowRight" && !scrolls || event.key === "PageDown" && !scrolls) document.querySelector("a[rel=next]")?.click();
  else if (event.key === "ArrowLeft" && !scrolls || event.key === "PageUp" && !scrolls) document.querySelector("a[rel=prev]")?.click();
  else if (event.key === "+" || event.key === "=") step(1);
  else if (event.key === "-") step(-1);
  else return;
  event.preventDefault();
});
