// What was typed into a form that was then refused is there again when its page is shown once more.
// It is held for this tab alone, until then or until signing out; never files, secrets or hidden fields.

const KEY = "typed", here = location.pathname + location.search;
const read = () => { try { return JSON.parse(sessionStorage.getItem(KEY)); } catch { return null; } };
// A field may be called "elements" or "method", and then stands in the way of the form's own property.
const fields = (form) => [...form.querySelectorAll("input, select, textarea")].filter((field) => field.name && !["password", "hidden", "file", "submit"].includes(field.type));
const posts = (form) => form.getAttribute("method")?.toLowerCase() === "post";

document.addEventListener("submit", (event) => {
  const form = event.target, names = new Set(fields(form).map((field) => field.name));
  if (!posts(form) || !names.size) return;
  const typed = [...new FormData(form)].filter(([name, value]) => names.has(name) && typeof value === "string");
  sessionStorage.setItem(KEY, JSON.stringify({ page: here, action: form.getAttribute("action"), typed, refused: false }));
});

function restore({ action, typed }) {
  const form = [...document.forms].find((one) => posts(one) && one.getAttribute("action") === action);
  if (!form) return;
  for (const field of fields(form)) {
    const values = typed.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else if (values.length) field.value = values[0];
  }
  for (let place = form.closest("details"); place; place = place.parentElement.closest("details")) place.open = true;
  form.scrollIntoView({ block: "center" });
}

const kept = read(), back = document.querySelector("[data-refused]");
if (kept && !document.querySelector(".rail")) sessionStorage.removeItem(KEY);
else if (kept && back) {
  sessionStorage.setItem(KEY, JSON.stringify({ ...kept, refused: true }));
  back.href = kept.page;
  back.hidden = false;
} else if (kept && !(kept.refused && kept.page !== here)) {
  if (kept.refused) restore(kept);
  sessionStorage.removeItem(KEY);
}
