// COSE_Sign1 (RFC 9052), signed statements (RFC 9943, 9995), receipts (RFC 9942), commitments and keys.

import { compare, fromBase64, hex, join, same, utf8 } from "./bytes.js";
import { decode, encode, Tagged } from "./cbor.js";
import { Broken, must } from "./claims.js";
import { leafHash, rootFromInclusion } from "./merkle.js";
import { sha256 } from "./sha2.js";
import { verifyEs256 } from "./signatures.js";

export const LABEL = { alg: 1, kid: 4, cwt: 15, vds: 395, vdp: 396, hash: 258, type: 259 };
const SPKI_P256 = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

/** Take a tagged COSE_Sign1 apart. */
export function readSign1(bytes, what) {
  let parts, header;
  try {
    const tagged = decode(bytes);
    must(tagged instanceof Tagged && tagged.tag === 18 && tagged.value.length === 4, "no COSE_Sign1");
    parts = tagged.value;
    header = decode(parts[0], { sorted: false });
  } catch {
    throw new Broken(`the ${what} is not a COSE_Sign1 in deterministic form`);
  }
  const [protectedBytes, unprotected, payload, signature] = parts;
  must(header instanceof Map && unprotected instanceof Map && signature instanceof Uint8Array, `the ${what} is not a COSE_Sign1`);
  return { protectedBytes, unprotected, payload, signature, header };
}

/** What is signed. Source: RFC 9052, 4.4. */
export const toBeSigned = (sign1, payload) => encode(["Signature1", sign1.protectedBytes, new Uint8Array(), payload]);

/** Read a P-256 key in PEM: its point and its key id. */
export function readPem(pem) {
  const body = pem.match(/-----BEGIN PUBLIC KEY-----([^-]*)-----END PUBLIC KEY-----/)?.[1] ?? "";
  const der = fromBase64(body.replace(/\s/g, ""));
  must(der?.length === 91 && hex(der.slice(0, 26)) === SPKI_P256, "this is not a P-256 public key in PEM");
  return { point: der.slice(26), id: sha256(der).slice(0, 8) };
}

/** A given key, or nothing when it is not one that can have signed. */
function readable(pem) {
  try {
    return [readPem(pem)];
  } catch {
    return [];
  }
}

async function checkEs256(sign1, payload, pems, what) {
  const kid = sign1.header.get(LABEL.kid);
  must(sign1.header.get(LABEL.alg) === -7 && sign1.signature.length === 64, `the ${what} is not signed with ES256`);
  const key = pems.flatMap(readable).find((k) => kid instanceof Uint8Array && same(k.id, kid));
  must(key, `the ${what} is signed by a key that is not among the given ones`);
  must(await verifyEs256(key.point, sign1.signature, toBeSigned(sign1, payload)), `the ${what}'s signature does not hold`);
}

/** Check a signed statement in hash-envelope form. */
export async function checkStatement(bytes, pems) {
  const sign1 = readSign1(bytes, "statement");
  const bare = !sign1.unprotected.size && sign1.payload instanceof Uint8Array && sign1.payload.length === 32;
  must(bare && sign1.header.get(LABEL.hash) === -16, "the statement is not a bare SHA-256 hash envelope");
  await checkEs256(sign1, sign1.payload, pems, "statement");
  return sign1;
}

/** Check a receipt for an entry's bytes; gives index, size and root of the tree it proves. */
export async function checkReceipt(bytes, entry, pems) {
  const sign1 = readSign1(bytes, "receipt");
  must(sign1.payload === null && sign1.header.get(LABEL.vds) === 1, "this is no RFC9162_SHA256 receipt with a detached root");
  let proof;
  try {
    const proofs = sign1.unprotected.get(LABEL.vdp).get(-1);
    must(proofs.length === 1, "several proofs");
    proof = decode(proofs[0]);
    must(Array.isArray(proof) && proof.length === 3 && Array.isArray(proof[2]), "no proof");
  } catch {
    throw new Broken("the receipt holds no single inclusion proof");
  }
  const [size, index, path] = proof;
  const root = rootFromInclusion(index, size, leafHash(entry), path);
  await checkEs256(sign1, root, pems, "receipt");
  return { index, size, root, path };
}

/** Check that disclosed fields, name -> [salt, value], and hidden ones' commitments are a statement's. */
export function checkOpening(digest, opening, hidden = []) {
  const pairs = [...opening.values()].every((pair) => Array.isArray(pair) && pair.length === 2);
  must(pairs, "what is disclosed does not open the entry's commitment");
  const shown = [...opening].map(([name, [salt, value]]) => sha256(encode([salt, name, value])));
  const fields = [...shown, ...hidden].sort(compare);
  const again = sha256(join(utf8("sealtrace commitment 1\0"), ...fields));
  must(same(again, digest), "what is disclosed does not open the entry's commitment");
}
