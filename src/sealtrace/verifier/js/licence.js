// An export licence and a status list: read, check, say what they allow on a day. docs/how/licence.md has the forms.

import { compare, hex, join, same } from "./bytes.js";
import { fromBase45 } from "./base45.js";
import { decode, encode } from "./cbor.js";
import { Broken, must } from "./claims.js";
import { LABEL, readPem, readSign1, toBeSigned } from "./cose.js";
import { inflate } from "./inflate.js";
import { verifyEs256 } from "./signatures.js";

const PREFIX = "STL1:", MOST_TEXT = 4296, MOST_BYTES = 8192, TYP = 16, MOST_LIST = 1 << 20;
const CLAIM = { issuer: 1, number: 2, ends: 4, begins: 5, issued: 6, particulars: -65537, list: -65538 };
const KINDS = ["single", "general", "registration"], STATES = ["in_force", "suspended", "revoked", "ended"];
const DAY = 86400, CHINA = 8 * 3600;

/** Write a map in the one deterministic order of its keys. Source: RFC 8949, 4.2.1. */
function encodeMap(map) {
  const pairs = [...map].map(([key, value]) => [encode(key), value instanceof Map ? encodeMap(value) : encode(value)]);
  pairs.sort((a, b) => compare(a[0], b[0]));
  must(pairs.length < 24, "more claims than there are");
  return join(Uint8Array.of(0xa0 | pairs.length), ...pairs.flat());
}

/** Open a signed object of a type; gives its claims. */
async function open(bytes, type, pems, what) {
  const sign1 = readSign1(bytes, what), { header, payload, signature } = sign1;
  must(!sign1.unprotected.size && payload instanceof Uint8Array && signature.length === 64, `the ${what} is not in its one form`);
  must(same(encodeMap(header), sign1.protectedBytes), `the ${what} is not in its one form`);
  must(header.get(TYP) === type && header.get(LABEL.alg) === -7, `this is no ${what}`);
  const key = pems.map(readPem).find(({ id }) => same(id, header.get(LABEL.kid)));
  must(key, "none of the trusted keys signed this");
  must(await verifyEs256(key.point, signature, toBeSigned(sign1, payload)), "the signature does not hold");
  let claims;
  try {
    claims = decode(payload);
  } catch {
    throw new Broken("the claims are not in their one form");
  }
  must(claims instanceof Map, "the claims are not in their one form");
  return claims;
}

/** The day in China at which a second begins, as 2026-03-01. */
const dayOf = (second) => new Date((second + CHINA) * 1000).toISOString().slice(0, 10);
const whole = (...values) => values.every((v) => Number.isSafeInteger(v) || typeof v === "bigint");
const texts = (...values) => values.every((v) => typeof v === "string");

/** Check a licence's text; gives what it says. */
export async function checkLicence(given, pems) {
  const text = given.trim();
  must(text.startsWith(PREFIX) && text.length <= MOST_TEXT, "this is no licence: its text begins with STL1:");
  let bytes;
  try {
    bytes = inflate(fromBase45(text.slice(PREFIX.length)), MOST_BYTES);
  } catch {
    throw new Broken("the licence's text is damaged");
  }
  const claims = await open(bytes, "stl/licence", pems, "licence"), said = claims.get(CLAIM.particulars);
  const [begins, ends, issued] = [claims.get(CLAIM.begins), claims.get(CLAIM.ends), claims.get(CLAIM.issued)];
  must(claims.size === 6 && Array.isArray(said) && said.length === 8 && whole(begins, ends, issued), "the claims are not those of a licence");
  const [kind, holder, endUser, destination, endUse, lines, index, digest] = said;
  const shaped = texts(claims.get(CLAIM.issuer), claims.get(CLAIM.number), holder, endUser, destination, endUse) && KINDS[kind] !== undefined && whole(index) &&
    digest instanceof Uint8Array && Array.isArray(lines) && lines.every((n) => Array.isArray(n) && n.length === 5 && texts(n[0], n[1]) && whole(...n.slice(2)));
  must(shaped && (begins + CHINA) % DAY === 0 && (ends + CHINA) % DAY === 0, "the claims are not those of a licence");
  return {
    issuer: claims.get(CLAIM.issuer), number: claims.get(CLAIM.number), kind: KINDS[kind], holder, endUser, destination, endUse,
    from: dayOf(begins), to: dayOf(ends - DAY), issuedAt: issued, index, listDigest: hex(digest),
    lines: lines.map(([entry, element, elementMg, grossMg, value]) => ({ entry, element, elementMg, grossMg, value })),
  };
}

/** Read the exceptions of a status list: places and states in Golomb-Rice code. */
function exceptions(count, k, data) {
  const bits = Array.from(data, (byte) => byte.toString(2).padStart(8, "0")).join("").replace(/0+$/, "");
  must(bits && data.length * 8 - bits.length <= 7, "the status list is damaged");
  const found = new Map(), end = bits.length - 1;
  for (let at = 0, last = -1; at < end; ) {
    const stop = bits.indexOf("0", at), next = stop + 1 + k + 2;
    must(stop >= 0 && next <= end, "the status list is cut short");
    last += (stop - at) * 2 ** k + (parseInt(bits.slice(stop + 1, stop + 1 + k) || "0", 2) + 1);
    const code = parseInt(bits.slice(next - 2, next), 2);
    must(code && last < count, "the status list names a licence or a state there is not");
    found.set(last, code);
    at = next;
  }
  return found;
}

/** Check a status list; gives its issuer, its time, until when it may be relied on, and a state for a place. */
export async function checkStatus(bytes, pems) {
  must(bytes.length <= MOST_LIST, "the status list is longer than one can be");
  const claims = await open(bytes, "stl/status", pems, "status list"), list = claims.get(CLAIM.list);
  const shaped = Array.isArray(list) && list.length === 3 && whole(list[0], list[1], claims.get(CLAIM.issued), claims.get(CLAIM.ends));
  must(shaped && list[0] <= 1 << 22 && list[1] <= 22 && list[2] instanceof Uint8Array, "the claims are not those of a status list");
  const [count, k, data] = list, found = exceptions(count, k, data);
  return {
    issuer: claims.get(CLAIM.issuer), at: claims.get(CLAIM.issued), until: claims.get(CLAIM.ends),
    state(index) {
      must(index >= 0 && index < count, "the status list was made before the licence, and says nothing of it");
      return STATES[found.get(index) ?? 0];
    },
  };
}

/** What a licence allows on a day, with a status list or without. `now` is in seconds, for the list's age. */
export function verdict(licence, day, status = null, now = 0) {
  if (status) must(status.issuer === licence.issuer, "the status list is that of another issuer");
  const listed = status ? status.state(licence.index) : "in_force";
  const state = listed !== "in_force" ? listed : day < licence.from ? "not_begun" : day > licence.to ? "expired" : "in_force";
  return { state, stale: status !== null && now > status.until, usable: state === "in_force" && !(status && now > status.until) };
}
