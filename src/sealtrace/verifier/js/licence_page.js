// The licence page: take a text, a key and a status list, show what holds. Nothing leaves the page.

import { checkLicence, checkStatus, verdict } from "./licence.js";
import { sayLicence } from "./licence_words.js";

const state = { language: /^zh/i.test(navigator.language) ? "zh" : "en" };
const t = (word) => sayLicence(state.language, word);
const find = (id) => document.getElementById(id);
const kilograms = (mg) => (Number(mg) / 1e6).toLocaleString("en", { maximumFractionDigits: 6 });

function make(tag, text = "", ...children) {
  const element = document.createElement(tag);
  element.textContent = text;
  element.append(...children);
  return element;
}

function words() {
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  find("language").textContent = state.language === "zh" ? "English" : "中文";
}

function rows(pairs) {
  const list = make("dl");
  for (const [name, value] of pairs) list.append(make("dt", t(name)), make("dd", String(value)));
  return list;
}

function lines(licence) {
  const head = ["Entry", "Element", "Element, kg", "Gross, kg"].map((name) => make("th", t(name)));
  const body = licence.lines.map((n) => make("tr", "", ...[n.entry, n.element, kilograms(n.elementMg), kilograms(n.grossMg)].map((c) => make("td", c))));
  return make("table", "", make("thead", "", make("tr", "", ...head)), make("tbody", "", ...body));
}

function show(kind, title, notes, licence) {
  const result = find("result"), section = make("section", "", make("h2", t(title)), ...notes.map((note) => make("p", note)));
  section.className = `panel ${kind}`;
  if (licence) {
    section.append(rows([["Number", licence.number], ["Issuer", licence.issuer], ["Kind", t(licence.kind)], ["Holder", licence.holder],
      ["End user", licence.endUser], ["Destination", licence.destination], ["End use", licence.endUse], ["From", licence.from], ["To", licence.to],
      ["Control list", licence.listDigest]]), lines(licence));
  }
  result.replaceChildren(section);
  find("status").textContent = t(title);
  result.focus();
}

async function check() {
  const pems = [find("key").value], file = find("list").files[0], now = Date.now() / 1000;
  try {
    const licence = await checkLicence(find("text").value, pems);
    const status = file ? await checkStatus(new Uint8Array(await file.arrayBuffer()), pems) : null;
    const found = verdict(licence, find("day").value, status, now);
    const notes = [found.stale ? t("the status list is out of date") : t(found.state.replace("_", " "))];
    if (!status) notes.push(t("No status list: whether it was suspended or revoked is not known here."));
    notes.push(t("A status list does not tell how much is left: only the issuer's account does."));
    show(found.usable ? "holds" : "fails", found.usable ? "Genuine, and in force on this day" : "Genuine, but not to be used", notes, licence);
  } catch (error) {
    show("fails", "Not a licence of this issuer", [t(error.message)], null);
  }
}

find("language").addEventListener("click", () => {
  state.language = state.language === "zh" ? "en" : "zh";
  words();
  if (find("result").firstChild) check();
});
find("form").addEventListener("submit", (event) => {
  event.preventDefault();
  check();
});
find("day").value ||= new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10);
words();
if (find("text").value && find("key").value) check(); // a browser that goes back to the page fills the form again
