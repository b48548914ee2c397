// Signed notes, verifier keys, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature).

import { compare, fromBase64, hex, join, same, utf8 } from "./bytes.js";
import { must, Unknown } from "./claims.js";
import { verifySm2 } from "./curves.js";
import { verifyMlDsa44 } from "./mldsa.js";
import { sha256 } from "./sha2.js";
import { verifyEd25519 } from "./signatures.js";

const KINDS = [
  { name: "Ed25519", mark: Uint8Array.of(1), length: 32 },
  { name: "Ed25519 cosignature", mark: Uint8Array.of(4), length: 32 },
  { name: "ML-DSA-44", mark: Uint8Array.of(6), length: 1312 },
  { name: "SM2", mark: join(Uint8Array.of(255), utf8("sealtrace/sm2\0")), length: 65 },
];

/** Take a signed checkpoint apart; nothing is verified yet. */
export function readCheckpoint(note) {
  const blank = note.lastIndexOf("\n\n"), text = note.slice(0, blank + 1);
  const rows = note.slice(blank + 2).split("\n");
  must(blank >= 0 && rows.pop() === "" && rows.length >= 1 && rows.length <= 100, "this is not a signed note");
  const lines = rows.map((row) => {
    const [dash, name, encoded, ...more] = row.split(" ");
    const raw = fromBase64(encoded ?? "");
    must(dash === "\u2014" && name && !name.includes("+") && raw?.length > 4 && !more.length, "a signature line is malformed");
    return { name, id: raw.slice(0, 4), signature: raw.slice(4) };
  });
  const body = text.split("\n");
  must(body.length > 3 && body[0] && !body.at(-1), "this is not a checkpoint");
  must(/^(0|[1-9][0-9]*)$/.test(body[1]) && BigInt(body[1]) < 1n << 63n, "the checkpoint's size is not a number");
  const root = fromBase64(body[2]);
  must(root?.length === 32, "the checkpoint's root has not 32 bytes");
  return { origin: body[0], size: Number(body[1]), exact: BigInt(body[1]), root, extensions: body.slice(3, -1), text, lines };
}

/** Read a verifier key, name+hash+base64(kind || key). */
export function readKey(vkey) {
  const [name, digest, ...rest] = vkey.trim().split("+");
  const raw = fromBase64(rest.join("+"));
  must(name && digest && raw?.length, "this is not a verifier key");
  const id = sha256(join(utf8(name + "\n"), raw)).slice(0, 4);
  must(hex(id) === digest, "this is not a verifier key: its hash does not fit");
  const kind = KINDS.find((k) => same(raw.slice(0, k.mark.length), k.mark));
  must(!kind || raw.length === kind.mark.length + kind.length, "this is not a verifier key: its length does not fit");
  return { name, id, kind: kind?.name ?? null, key: raw.slice(kind?.mark.length ?? 1) };
}

export const linesOf = (note, key) => note.lines.filter((line) => line.name === key.name && same(line.id, key.id));

/** Check a key's lines on a checkpoint: there must be one, and each must hold. */
export async function checkKey(note, key) {
  const mine = linesOf(note, key);
  must(mine.length, `${key.name} has not signed it with this key`);
  const said = [];
  for (const line of mine) said.push(await checkLine(note, key, line.signature));
  return said.join(", ");
}

async function checkLine(note, key, signature) {
  if (!key.kind) throw new Unknown("lines of this kind: not checked here");
  const wrong = `the signature of ${key.name} does not hold`;
  if (key.kind === "Ed25519") {
    must(await verifyEd25519(key.key, signature, utf8(note.text)), wrong);
    return key.kind;
  }
  if (key.kind === "SM2") {
    must(verifySm2(key.key, signature, utf8(note.text)), wrong);
    return key.kind;
  }
  const time = signature.slice(0, 8);
  must(signature.length > 8 && time[0] < 128, "the cosignature carries no time");
  const at = BigInt("0x" + hex(time));
  if (key.kind === "ML-DSA-44") must(verifyMlDsa44(key.key, signature.slice(8), subtree(note, key, time)), wrong);
  else must(await verifyEd25519(key.key, signature.slice(8), utf8(`cosignature/v1\ntime ${at}\n${note.text}`)), wrong);
  return `${key.kind} at POSIX time ${at}`;
}

function subtree(note, key, time) {
  const name = utf8(key.name), log = utf8(note.origin), size = new Uint8Array(16);
  must(name.length < 256 && log.length < 256, "a name is longer than 255 bytes");
  new DataView(size.buffer).setBigUint64(8, note.exact);
  return join(utf8("subtree/v1\n\0"), Uint8Array.of(name.length), name, time, Uint8Array.of(log.length), log, size, note.root);
}

/** Check a checkpoint with the log's keys: one must have signed, and each that did must hold. */
export async function openCheckpoint(note, vkeys) {
  const read = readCheckpoint(note);
  const mine = vkeys.map(readKey).filter((key) => key.name === read.origin && linesOf(read, key).length);
  must(mine.length, "no signature on the checkpoint is by a given key of the log");
  for (const key of mine) await checkKey(read, key);
  return read;
}

export const sameHead = (one, two) => one.size === two.size && compare(one.root, two.root) === 0;
