// Adds a row of goods, of a constituent or of a party to the application's form, and says what it lacks as it is
// filled; without it, saving gives one more row, and the saved page says what is lacking.
function freed(row, number) {
  const names = new Map();
  for (const field of row.querySelectorAll("[id]")) {
    names.set(field.id, `${field.id}-${number}`);
    field.id = names.get(field.id);
  }
  for (const label of row.querySelectorAll("[for]")) label.htmlFor = names.get(label.htmlFor) ?? label.htmlFor;
  for (const field of row.querySelectorAll("input:not([type=hidden]), textarea")) field.value = "";
}

let count = 0;
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add]");
  if (!button) return;
  const rows = button.closest("[data-rows]");
  const last = [...rows.children].filter((child) => child.matches(button.dataset.add)).at(-1);
  const row = last.cloneNode(true);
  freed(row, `x${++count}`);
  if (row.dataset.goods) {
    const taken = new Set([...document.querySelectorAll("[name=goods_id]")].map((field) => field.value));
    let number = 1;
    while (taken.has(`g${number}`)) number += 1;
    for (const field of row.querySelectorAll("[name=goods_id], [name=component_goods]")) field.value = `g${number}`;
    row.querySelector("details").open = false;
    [...row.querySelectorAll("[data-component]")].slice(1).forEach((more) => more.remove());
  }
  if (row.dataset.party !== undefined) {
    const taken = new Set([...document.querySelectorAll("[name=party_id]")].map((field) => field.value));
    let number = 1;
    while (taken.has(`p${number}`)) number += 1;
    row.querySelector("[name=party_id]").value = `p${number}`;
  }
  last.after(row);
  row.querySelector("input:not([type=hidden]), select")?.focus();
});
for (const button of document.querySelectorAll("[data-add]")) button.hidden = false;

const place = document.querySelector("[data-check]");
const form = document.querySelector("#application");
let waiting = 0, asked = 0;

async function ask() {
  const number = ++asked;
  const { signedFetch } = await import(place.dataset.sign);
  const data = new FormData(form);
  const answer = await signedFetch(place.dataset.check, { body: data });
  if (answer.ok && number === asked) place.innerHTML = await answer.text();
}

if (place && form && !form.querySelector("fieldset[disabled]")) {
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { ask().catch(() => {}); }, 400);
  });
}
