// An evidence package: a ZIP of stored members in one form only, the manifest first, then by name.

import { compare, join, same, text, utf8 } from "./bytes.js";
import { must } from "./claims.js";

export const MANIFEST = "manifest.cose", INSIDE = "trace.evidence";
const HEAD = 0x04034b50, MOST = 1000;

export const isPackage = (bytes) => bytes.length > 4 && view(bytes).getUint32(0, true) === HEAD;

const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Take a package apart; written again it must be the same bytes. */
export function readPackage(bytes) {
  const at = view(bytes), members = new Map();
  let place = 0;
  while (place + 30 <= bytes.length && at.getUint32(place, true) === HEAD && members.size < MOST) {
    const size = at.getUint32(place + 22, true), named = at.getUint16(place + 26, true), more = at.getUint16(place + 28, true);
    const start = place + 30 + named + more;
    members.set(text(bytes.subarray(place + 30, place + 30 + named)), bytes.subarray(start, start + size));
    place = start + size;
  }
  must(members.has(MANIFEST) && members.has(INSIDE), "this is not an evidence package");
  must(same(writePackage(members), bytes), "it is not in the one form a package is written in: it was altered");
  return members;
}

/** Write the one archive of these members. */
export function writePackage(members) {
  const names = [...members.keys()].sort((a, b) => (b === MANIFEST) - (a === MANIFEST) || compare(utf8(a), utf8(b)));
  const body = [], listed = [];
  let at = 0;
  for (const name of names) {
    const data = members.get(name), called = utf8(name);
    const about = [[20, 2], [0x0800, 2], [0, 2], [0, 2], [0x21, 2], [crc32(data), 4], [data.length, 4], [data.length, 4], [called.length, 2], [0, 2]];
    listed.push(little([[0x02014b50, 4], [20, 2], ...about, [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]]), called);
    const local = little([[HEAD, 4], ...about]);
    body.push(local, called, data);
    at += local.length + called.length + data.length;
  }
  const central = join(...listed);
  const end = [[0x06054b50, 4], [0, 2], [0, 2], [names.length, 2], [names.length, 2], [central.length, 4], [at, 4], [0, 2]];
  return join(...body, central, little(end));
}

/** Numbers, each with its width in bytes, the lowest byte first. */
function little(numbers) {
  return Uint8Array.from(numbers.flatMap(([number, width]) => Array.from({ length: width }, (_, i) => Math.floor(number / 2 ** (8 * i)) & 255)));
}

const TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let c = i;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

/** CRC-32 as a ZIP has it. */
function crc32(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = TABLE[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
