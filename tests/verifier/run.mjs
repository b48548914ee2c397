// Runs the page's modules over the golden vectors under Node; prints what each claim came to, as JSON.
// usage: node run.mjs MODULES DATA [own]      (own: without WebCrypto)

import { existsSync, readFileSync } from "node:fs";
import { join as path } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, data, own] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(path(modules, `${name}.js`)));
const { browser } = await load("signatures");
const { checkEvidence } = await load("evidence");
const { checkFolder, checkNote, checkPair } = await load("log");
const { checkConsistency, leafHash, rootFromInclusion } = await load("merkle");
const { fromHex, hex, text, utf8 } = await load("bytes");
if (own) browser.subtle = null;

const read = (name) => new Uint8Array(readFileSync(path(data, name)));
const json = (name) => JSON.parse(text(read(name)));
const pick = (vector, ending) => vector.files.find((name) => name.endsWith(ending));

/** The published log, altered as the vector says. */
function published({ alter = {}, remove = [] }) {
  return async (name) => {
    if (remove.includes(name) || !existsSync(path(data, "log", name))) return null;
    const bytes = read(path("log", name));
    if (name in alter) bytes.set([bytes.at(alter[name]) ^ 1], (alter[name] + bytes.length) % bytes.length);
    return bytes;
  };
}

async function claims(vector) {
  const keys = vector.key ? [vector.key] : [], cosigners = vector.cosigners ?? [];
  if (vector.kind === "evidence") return (await checkEvidence(read(vector.files[0]), { key: vector.key ?? null, cosigners })).claims;
  if (vector.kind === "checkpoint") return checkNote(text(read(vector.files[0])), keys, cosigners);
  if (vector.kind === "pair") {
    const note = pick(vector, ".checkpoint");
    return checkPair(read(pick(vector, ".statement")), read(pick(vector, ".receipt")), vector.keys, note ? text(read(note)) : null);
  }
  const since = pick(vector, "log-at-100.txt");
  const more = { cosigners, pems: vector.keys?.statement_keys ?? [], since: since ? text(read(since)) : null };
  return checkFolder(published(vector), keys, more);
}

function holds(check) {
  try {
    return check() !== false;
  } catch {
    return false;
  }
}

const found = {};
for (const vector of json("vectors.json")) {
  found[`${vector.kind} ${vector.name}`] = Object.fromEntries((await claims(vector)).list.map((c) => [c.claim, c.holds]));
}
const proofs = json("proofs.json"), root = (size) => fromHex(proofs.roots[size] ?? "");
const hashes = (row) => row.path.map(fromHex);
const inclusion = proofs.inclusion.map((row) => holds(() => hex(rootFromInclusion(row.index, row.size, leafHash(utf8(`entry ${row.index}`)), hashes(row))) === proofs.roots[row.size]));
const consistency = proofs.consistency.map((row) => holds(() => checkConsistency(row.old, row.new, hashes(row), root(row.old), root(row.new))));
process.stdout.write(JSON.stringify({ found, inclusion, consistency }));
