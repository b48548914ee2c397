// Proofs, checked in this browser by the verifier's own modules; the page only says what they found.

import { fromBase64, hex } from "../verifier/bytes.js";
import { checkReceipt } from "../verifier/cose.js";
import { checkEvidence, readEvidence } from "../verifier/evidence.js";
import { checkNote, checkPair } from "../verifier/log.js";
import { checkConsistency, leafHash } from "../verifier/merkle.js";
import { readCheckpoint } from "../verifier/note.js";
import { browser } from "../verifier/signatures.js";
import { saying } from "../verifier/words.js";

const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
const SEEN = "sealtrace.head";

/** Put what was found into a place: the badge, each claim, and what failed. */
function show(place, state, claims) {
  for (const spot of place.querySelectorAll("[data-badge]")) {
    spot.replaceChildren(document.querySelector(`template[data-proof-badge="${state}"]`).content.cloneNode(true));
  }
  const list = place.querySelector("[data-claims]");
  if (list) {
    list.replaceChildren(...claims.map(({ claim, holds, detail }) => {
      const item = document.createElement("li"), words = document.createElement("span");
      item.dataset.holds = String(holds);
      words.textContent = saying(language, claim);
      item.append(words);
      if (detail) {
        const small = document.createElement("small");
        small.textContent = saying(language, detail);
        item.append(small);
      }
      return item;
    }));
  }
  const count = place.querySelector("[data-count]");
  if (count) count.textContent = count.dataset.count.replace("{held}", claims.filter((c) => c.holds).length).replace("{all}", claims.length);
  const own = place.querySelector("[data-own-arithmetic]");
  if (own) own.hidden = Boolean(browser.subtle);
  place.dataset.proved = state;
}

const stateOf = (claims) => (claims.hold ? "ok" : claims.list.some((c) => c.holds === false) ? "fail" : "cannot");

async function json(address) {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** Compare a checked head with the one this browser saw before: the log may only have grown. */
async function compareWithSeen(place, head) {
  const say = (name, values) => {
    const spot = place.querySelector("[data-seen]");
    if (spot) spot.textContent = Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value.toLocaleString("en")), spot.dataset[name]);
  };
  const now = readCheckpoint(head.checkpoint);
  let before = null;
  try {
    before = JSON.parse(localStorage.getItem(SEEN));
  } catch { /* what is not readable was never seen */ }
  const keep = () => {
    try {
      localStorage.setItem(SEEN, JSON.stringify({ origin: now.origin, size: now.size, root: hex(now.root), key: head.verifier_keys[0] }));
    } catch { /* a browser that keeps nothing sees each head for the first time */ }
  };
  if (!before || before.origin !== now.origin) {
    keep();
    say("first", { new: now.size });
    return true;
  }
  if (before.size > now.size) {
    say("shrunk", { old: before.size, new: now.size });
    return false;
  }
  const oldRoot = Uint8Array.from(before.root.match(/../g), (pair) => parseInt(pair, 16));
  try {
    const { path } = before.size === now.size ? { path: [] } : await json(`/ledger/consistency.json?old=${before.size}&new=${now.size}`);
    checkConsistency(before.size, now.size, path.map(fromBase64), oldRoot, now.root);
  } catch {
    say("forked", { old: before.size, new: now.size });
    return false;
  }
  keep();
  say(before.size === now.size ? "same" : "grown", { old: before.size, new: now.size });
  return true;
}

/** The audit path, for whoever wants to see it. */
async function showPath(place, proof) {
  const list = place.querySelector("[data-path]");
  if (!list) return;
  const statement = fromBase64(proof.statement);
  const { path, root, size } = await checkReceipt(fromBase64(proof.receipt), statement, proof.receipt_keys);
  const short = (bytes) => `${hex(bytes).slice(0, 16)}…${hex(bytes).slice(-16)}`;
  const rows = [[list.dataset.leaf, short(leafHash(statement))], ...path.map((node, i) => [String(i), short(node)]), [list.dataset.root, `${short(root)} = ${list.dataset.checkpoint} ${size.toLocaleString("en")}`]];
  list.replaceChildren(...rows.map((row) => {
    const item = document.createElement("li");
    item.append(...row.map((text) => Object.assign(document.createElement("span"), { textContent: text })));
    return item;
  }));
  const told = place.querySelector("[data-hashes]");
  if (told) told.textContent = told.dataset.hashes.replace("{n}", path.length);
}

async function checkEntry(place) {
  const begun = performance.now(), proof = await json(place.dataset.url);
  const claims = await checkPair(fromBase64(proof.statement), fromBase64(proof.receipt), proof, proof.checkpoint);
  const cosigned = await checkNote(proof.checkpoint, proof.verifier_keys, proof.witnesses);
  claims.list.push(...pending(cosigned.list.slice(1)));
  if (stateOf(claims) === "ok") await showPath(place, proof);
  const took = place.querySelector("[data-took]");
  if (took) took.textContent = took.dataset.took.replace("{ms}", Math.max(1, Math.round(performance.now() - begun)));
  const grown = await compareWithSeen(place, proof);
  show(place, grown ? stateOf(claims) : "fail", claims.list);
}

async function checkHead(place) {
  const head = await json(place.dataset.url);
  const claims = await checkNote(head.checkpoint, head.verifier_keys, head.witnesses);
  claims.list.splice(1, Infinity, ...pending(claims.list.slice(1)));
  const grown = await compareWithSeen(place, head);
  show(place, grown ? stateOf(claims) : "fail", claims.list);
}

/** A witness that has not signed yet has not signed wrongly. */
const pending = (list) => list.map((claim) => (/has not signed it with this key$/.test(claim.detail) ? { ...claim, holds: null } : claim));

async function checkEvidenceAt(place) {
  const answer = await fetch(place.dataset.url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const bytes = new Uint8Array(await answer.arrayBuffer()), head = await json(place.dataset.head);
  const { claims } = await checkEvidence(bytes, { key: head.verifier_keys[0], cosigners: [] });
  const grown = await compareWithSeen(place, head);
  const spot = place.querySelector("[data-size]");
  if (spot && claims.hold) spot.textContent = readCheckpoint(readEvidence(bytes).content.get("checkpoint")).size.toLocaleString("en");
  show(place, grown ? stateOf(claims) : "fail", claims.list);
}

async function checkDropped(place, file) {
  const head = await json(place.dataset.head);
  const { claims, evidence } = await checkEvidence(new Uint8Array(await file.arrayBuffer()));
  const here = evidence && evidence.content.get("keys").get("verifier_keys").includes(head.verifier_keys[0]);
  place.querySelector("[data-file]").textContent = file.name;
  for (const spot of place.querySelectorAll("[data-whose]")) spot.hidden = (spot.dataset.whose === "ours") !== Boolean(here);
  place.hidden = false;
  show(place, stateOf(claims), claims.list);
}

const KINDS = { entry: checkEntry, head: checkHead, evidence: checkEvidenceAt };

async function prove(place) {
  show(place, "not", []);
  try {
    await KINDS[place.dataset.proof](place);
  } catch {
    show(place, "cannot", []);
  }
}

for (const place of document.querySelectorAll("[data-proof]")) {
  if (!KINDS[place.dataset.proof]) continue;
  prove(place);
  place.querySelector("[data-again]")?.addEventListener("click", () => prove(place));
}
const dropped = document.querySelector("[data-check-file]");
if (dropped) {
  const place = document.querySelector("[data-dropped]");
  dropped.addEventListener("change", () => dropped.files[0] && checkDropped(place, dropped.files[0]));
}

// A print without its pictures would be no evidence: they are fetched first.
document.querySelector("[data-print-page]")?.addEventListener("click", async () => {
  const pictures = [...document.querySelectorAll(".pair img:not(.over)")];
  for (const picture of pictures) picture.loading = "eager";
  await Promise.allSettled(pictures.map((picture) => picture.decode()));
  print();
});
