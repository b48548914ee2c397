// The page: take files in, check them, show what holds. Nothing leaves the page.

import { fromBase64, hex, text } from "./bytes.js";
import { checkEvidence, copyName, readEvidence, value } from "./evidence.js";
import { checkFolder, checkNote, checkPair } from "./log.js";
import { readSign1 } from "./cose.js";
import { readCheckpoint } from "./note.js";
import { sha256 } from "./sha2.js";
import { say, saying } from "./words.js";

const state = { language: /^zh/i.test(navigator.language) ? "zh" : "en", given: null, outcome: null };
const t = (word) => say(state.language, word);
const find = (id) => document.getElementById(id);

/** Make an element; children that are null are left out. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null));
  return element;
}

const SHAPES = {
  ok: "M8 1.5 13.5 4v4c0 3.2-2.3 5.6-5.5 6.5C4.8 13.6 2.5 11.2 2.5 8V4z M5.5 8l1.9 1.9 3.3-3.6",
  fail: "M3 3l10 10M13 3 3 13",
  cannot: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M5.5 8h5",
};

function icon(name, box = 16) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), path = document.createElementNS(svg.namespaceURI, "path");
  svg.setAttribute("viewBox", `0 0 ${box} ${box}`);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** The verdict's disc: full, half or crossed; it reads without colour. */
function disc(kind) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 64 64");
  svg.setAttribute("class", "glyph");
  svg.setAttribute("aria-hidden", "true");
  const draw = (tag, attributes) => {
    const part = document.createElementNS(svg.namespaceURI, tag);
    for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, value);
    svg.append(part);
  };
  draw("circle", { cx: 32, cy: 32, r: 28, class: "ring" });
  if (kind === "holds") draw("circle", { cx: 32, cy: 32, r: 21, class: "full" }), draw("path", { d: "M22 33l7 7 13-15", class: "mark" });
  if (kind === "alone") draw("path", { d: "M32 11a21 21 0 0 0 0 42z", class: "full" });
  if (kind === "fails") draw("path", { d: "M22 22l20 20M42 22 22 42", class: "cross" });
  return svg;
}

// -- taking files in

async function read(files) {
  const given = [];
  for (const file of files) given.push({ name: file.webkitRelativePath || file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
  return given;
}

/** What a file is, by its content. */
function kindOf({ bytes }) {
  try {
    readEvidence(bytes);
    return "evidence";
  } catch { /* not evidence in its one form; it may be something else */ }
  try {
    const { payload, header } = readSign1(bytes, "file");
    if (payload === null && header.has(395)) return "receipt";
    if (payload?.length === 32) return "statement";
    return "evidence";
  } catch { /* no COSE at all */ }
  try {
    const words = text(bytes);
    if (words.includes("\n\n\u2014 ")) return "checkpoint";
    const keys = JSON.parse(words);
    return Array.isArray(keys.verifier_keys) ? "keys" : "unknown";
  } catch {
    return bytes[0] === 0xd2 ? "evidence" : "unknown";
  }
}

const lines = (id) => find(id).value.split("\n").map((line) => line.trim()).filter(Boolean);

async function check(given) {
  const key = lines("key")[0] ?? null, cosigners = lines("cosigners");
  const root = given.map(({ name }) => name.match(/^(.*?)checkpoint$/)?.[1]).find((prefix) => prefix !== undefined && given.some(({ name }) => name.startsWith(`${prefix}tile/`)));
  if (root !== undefined) {
    const files = new Map(given.map(({ name, bytes }) => [name.slice(root.length), bytes]));
    return { what: "A published log", key, claims: await checkFolder(async (path) => files.get(path) ?? null, key ? [key] : [], { cosigners }) };
  }
  const of = (kind) => given.find((file) => kindOf(file) === kind)?.bytes;
  const evidence = of("evidence"), statement = of("statement"), receipt = of("receipt"), note = of("checkpoint");
  const keys = of("keys") ? JSON.parse(text(of("keys"))) : {};
  const known = key ? [key] : (keys.verifier_keys ?? []);
  if (evidence) {
    const done = await checkEvidence(evidence, { key, cosigners });
    return { what: "An evidence file", key, claims: done.claims, evidence: done.evidence, digest: hex(sha256(evidence)) };
  }
  if (statement && receipt) {
    const claims = await checkPair(statement, receipt, { ...keys, verifier_keys: known }, note ? text(note) : null);
    return { what: "A statement with its receipt", key: known[0], claims };
  }
  if (note) return { what: "A checkpoint", key: known[0], claims: await checkNote(text(note), known, cosigners) };
  return null;
}

async function take(files) {
  state.given = await read(files);
  await again();
}

async function again() {
  if (!state.given?.length) return;
  document.body.dataset.state = "checking";
  find("status").textContent = t("Checking");
  await new Promise((drawn) => setTimeout(drawn, 0));
  try {
    state.outcome = (await check(state.given)) ?? "unknown";
  } catch {
    state.outcome = "unknown";
  }
  show();
  find("result").focus({ preventScroll: true });
}

// -- showing

const verdictOf = ({ claims, key }) => (!claims.hold ? "fails" : key ? "holds" : "alone");
const VERDICTS = {
  holds: ["Holds", "Everything that can be checked here holds, under the key you gave."],
  alone: ["Whole, key not compared", "The file is whole and agrees with itself. Whose log it is, only the key can say: compare it below."],
  fails: ["Does not hold", "Do not rely on this. Ask its sender for the original and compare the digests."],
};
const RESULTS = {
  exact: ["Exact", "The leak has this copy's own bytes, or its authenticated stamp."],
  strong: ["Strong", "The chance of naming a wrong copy is at or below the limit."],
  inconclusive: ["Inconclusive", "The document is known; no copy is named."],
  none: ["No match", "The document was not recognised."],
};
const CHANNELS = { exact: "exact bytes", stamp: "stamp", page: "page", table: "table cells" };

function show() {
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  document.title = `Sealtrace ${t("Verifier")}`;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  find("language").textContent = state.language === "zh" ? "English" : "中文";
  find("language").lang = state.language === "zh" ? "en" : "zh-CN";
  const outcome = state.outcome, verdict = find("result"), details = find("details");
  document.body.dataset.state = outcome ? "done" : "empty";
  find("choose-words").textContent = t(outcome ? "Choose another" : "Choose files");
  verdict.replaceChildren();
  details.replaceChildren();
  if (!outcome) return;
  find("main").append(find("drop")); // the answer comes first, the next file last
  find("status").textContent = outcome === "unknown" ? t("This is nothing that can be checked here") : t(VERDICTS[verdictOf(outcome)][0]);
  if (outcome === "unknown") {
    verdict.append(banner("fails", t("This is nothing that can be checked here"), t("Drop an evidence file, or a statement together with its receipt, a checkpoint, or a published log.")));
    return;
  }
  const kind = verdictOf(outcome), [word, lead] = VERDICTS[kind];
  verdict.append(banner(kind, t(word), t(lead), `${t(outcome.what)} · ${state.given.map((file) => file.name.split("/").at(-1)).slice(0, 3).join(", ")}`));
  const side = outcome.evidence && outcome.claims.hold ? facts(outcome) : outcome.digest ? digests(outcome) : null;
  details.append(make("div", { class: side ? "cols" : "" }, make("div", { class: "stack" }, outcome.evidence && outcome.claims.hold ? answer(outcome.evidence) : null, claimsPanel(outcome)), side));
}

function banner(kind, word, lead, small = "") {
  return make("section", { class: "verdict", "data-v": kind }, disc(kind), make("div", {}, make("h2", { class: "word" }, word), make("p", { class: "lead" }, lead), small ? make("p", { class: "muted" }, small) : null));
}

function claimsPanel({ claims }) {
  const order = { false: 0, null: 1, true: 2 }, held = claims.list.filter((c) => c.holds).length;
  const rows = [...claims.list].sort((a, b) => order[a.holds] - order[b.holds]).map(({ claim, holds, detail }) => {
    const [p, word] = holds ? ["ok", "holds"] : holds === null ? ["cannot", "cannot check here"] : ["fail", "fails"];
    return make("li", { "data-p": p }, make("span", { class: "proof", "data-p": p }, icon(p), t(word)), make("div", {}, make("p", {}, saying(state.language, claim)), detail && detail !== claim ? make("small", {}, saying(state.language, detail)) : null));
  });
  const count = state.language === "zh" ? `${t("of")} ${claims.list.length} 项，${held} ${t("claims hold")}` : `${held} ${t("of")} ${claims.list.length} ${t("claims hold")}`;
  return make("section", { class: "panel" }, make("header", {}, make("h2", {}, t("What holds and what does not")), make("span", { class: "aside" }, count)), make("ul", { class: "claims" }, rows));
}

const row = (name, ...values) => make("div", {}, make("dt", {}, t(name)), make("dd", {}, values));

/** An amount of a chance: 8.1 × 10⁻¹³. */
function chance(number) {
  const [digits, exponent] = Number(number).toExponential(1).split("e");
  return [`≤ ${digits} × 10`, make("sup", {}, exponent.replace("-", "−").replace("+", ""))];
}

const when = (written) => String(written).replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2}).*?(Z|[+-]\d{2}:\d{2})$/, (_, day, time, zone) => `${day} ${time} ${zone === "Z" ? "+00:00" : zone}`);

/** A field of an entry, or that it is withheld in this copy of the evidence. */
const shown = (proof, name) => proof.get("opening").get(name)?.[1] ?? t("withheld");

function answer(evidence) {
  const { content, found } = evidence, [word, meaning] = RESULTS[found.get("result")];
  const copies = found.get("accused").map((stated, i) => {
    const issue = content.get("accused")[i].get("issue"), later = stated.get("round") > 1;
    return make("div", { class: "copy" },
      make("h3", {}, t("Copy"), " ", make("code", {}, copyName(stated.get("copy")))),
      make("dl", { class: "facts" },
        row("Operator", shown(issue, "operator")), row("Device", shown(issue, "device")), row("IP", shown(issue, "ip")), row("Issued", when(value(issue, "issued_at"))),
        row("Chance of error", ...chance(stated.get("chance_of_error"))), row("Channels", stated.get("channels").map((c) => t(CHANNELS[c])).join(" · ")),
        later ? row("Named in round", stated.get("round")) : null),
      later ? make("p", {}, make("small", { class: "muted" }, t("Named by what the copies of the rounds before leave unexplained."))) : null);
  });
  return make("section", { class: "panel answer" },
    make("header", {}, make("h2", {}, t("What the file says")), make("span", { class: "tag" }, t(word))),
    make("div", { class: "body" }, make("p", {}, t(meaning)), copies, copies.length ? make("p", { class: "caution" }, t("This names a copy and its recipient of record, not who leaked it. A copy can be passed on, stolen or photographed.")) : null,
      make("dl", { class: "sheet" }, row("File", found.get("file") ?? t("none")), row("Copies considered", found.get("considered").toLocaleString("en")), row("Trace", make("code", {}, found.get("trace"))), row("Traced", when(found.get("at"))))));
}

/** A long text in mono with a button that copies it whole. */
function chip(whole) {
  const button = make("button", { type: "button", "aria-label": t("Copy to clipboard") }, t("Copy to clipboard"));
  button.addEventListener("click", () => navigator.clipboard?.writeText(whole).then(() => (button.textContent = t("Copied"))));
  return make("span", { class: "chip" }, make("code", {}, whole), button);
}

function facts({ evidence, digest }) {
  const { content, found } = evidence, read = readCheckpoint(content.get("checkpoint"));
  const limits = content.get("limits").get(state.language);
  return make("div", { class: "stack" },
    make("section", { class: "panel" }, make("header", {}, make("h2", {}, t("The log"))), make("div", { class: "body" },
      make("dl", { class: "sheet tall" }, row("Origin", make("code", {}, read.origin)), row("Entries", read.size.toLocaleString("en")),
        row("Key in the file", content.get("keys").get("verifier_keys").map(chip), make("small", {}, t("Compare it, letter by letter, with the one its operator publishes."))),
        row("Signers of the checkpoint", make("ul", {}, [...new Set(read.lines.map((line) => line.name))].map((name) => make("li", {}, make("code", {}, name)))))))),
    make("section", { class: "panel" }, make("header", {}, make("h2", {}, t("Leak"))), make("div", { class: "body" }, make("ul", { class: "digests" }, found.get("leak").map((piece) => make("li", {}, make("code", {}, hex(piece.get("sha256")))))))),
    make("section", { class: "panel" }, make("header", {}, make("h2", {}, t("What it does not say"))), make("p", { class: "body record" }, limits)),
    digests({ digest }));
}

const digests = ({ digest }) => make("section", { class: "panel" }, make("header", {}, make("h2", {}, t("SHA-256 of this file"))), make("div", { class: "body" }, chip(digest)));

// -- what the person does

function listen() {
  const drop = find("drop");
  for (const name of ["dragenter", "dragover"]) document.addEventListener(name, (event) => (event.preventDefault(), drop.classList.add("over")));
  for (const name of ["dragleave", "drop"]) document.addEventListener(name, (event) => (event.preventDefault(), drop.classList.remove("over")));
  document.addEventListener("drop", (event) => event.dataTransfer?.files.length && take(event.dataTransfer.files));
  for (const id of ["files", "folder"]) find(id).addEventListener("change", (event) => event.target.files.length && take(event.target.files));
  for (const id of ["key", "cosigners"]) find(id).addEventListener("change", again);
  find("again").addEventListener("click", again);
  find("print").addEventListener("click", () => print());
  find("language").addEventListener("click", () => {
    state.language = state.language === "zh" ? "en" : "zh";
    show();
  });
  find("theme").addEventListener("click", () => {
    const dark = getComputedStyle(document.documentElement).colorScheme === "dark" || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  });
}

/**
 * What the page's address hands over after its #: file (base64), name, language. A browser sends none of it.
 * Never the key: whoever sends the file must not be the one who says which key to expect.
 */
function opened() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.has("language")) state.language = given.get("language") === "zh" ? "zh" : "en";
  show();
  const bytes = fromBase64(given.get("file") ?? "");
  if (bytes?.length) {
    state.given = [{ name: given.get("name") ?? "", bytes }];
    again();
  }
}

listen();
opened();
