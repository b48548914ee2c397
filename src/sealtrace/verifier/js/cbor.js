// CBOR (RFC 8949): a decoder that takes the deterministic form only, and an encoder of that form.
//
// Maps become Map, text string, byte strings Uint8Array, whole numbers number or BigInt beyond 2^53,
// floats Float (so that 1.0 is told from 1), tag 18 a Tagged.

import { compare, join, text, utf8 } from "./bytes.js";

export class Tagged {
  constructor(tag, value) {
    this.tag = tag;
    this.value = value;
  }
}

export class Float {
  constructor(value) {
    this.value = value;
  }
  valueOf() {
    return this.value;
  }
}

const DEEPEST = 32;

/** Decode one item that fills `bytes`. Without `sorted`, as in others' headers, map keys may stand in any order. */
export function decode(bytes, { sorted = true } = {}) {
  const reader = new Reader(bytes, sorted);
  const value = reader.item(0);
  if (reader.at !== bytes.length) throw new Error("bytes after the end");
  return value;
}

class Reader {
  constructor(bytes, sorted) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.sorted = sorted;
  }

  take(length) {
    if (length > this.bytes.length - this.at) throw new Error("cut off");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  item(depth) {
    if (depth > DEEPEST) throw new Error("nested too deeply");
    const first = this.take(1)[0], major = first >> 5;
    if (major === 7) return this.simple(first & 31);
    const argument = this.argument(first & 31);
    if (major === 0) return argument;
    if (major === 1) return typeof argument === "bigint" || argument === Number.MAX_SAFE_INTEGER ? -1n - BigInt(argument) : -1 - argument;
    if (typeof argument === "bigint") throw new Error("longer than this can be");
    if (major === 2) return this.take(argument).slice();
    if (major === 3) return text(this.take(argument));
    if (major === 4) return this.array(argument, depth);
    if (major === 5) return this.map(argument, depth);
    return new Tagged(argument, this.item(depth + 1));
  }

  argument(info) {
    if (info < 24) return info;
    if (info > 27) throw new Error("indefinite length");
    const width = 1 << (info - 24), start = this.at;
    this.take(width);
    const value = [() => BigInt(this.view.getUint8(start)), () => BigInt(this.view.getUint16(start)),
      () => BigInt(this.view.getUint32(start)), () => this.view.getBigUint64(start)][info - 24]();
    const least = [24n, 1n << 8n, 1n << 16n, 1n << 32n][info - 24];
    if (value < least) throw new Error("a number is written longer than it needs");
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  array(length, depth) {
    const items = [];
    for (let i = 0; i < length; i++) items.push(this.item(depth + 1));
    return items;
  }

  map(length, depth) {
    const map = new Map(), seen = new Set();
    let before = null;
    for (let i = 0; i < length; i++) {
      const start = this.at, key = this.item(depth + 1), raw = this.bytes.subarray(start, this.at);
      if (typeof key === "object") throw new Error("a map's key is not a number or a text");
      if (this.sorted && before && compare(before, raw) >= 0) throw new Error("a map's keys are not in order");
      if (seen.has(key)) throw new Error("a map's key stands twice");
      seen.add(key);
      before = raw;
      map.set(key, this.item(depth + 1));
    }
    return map;
  }

  simple(info) {
    if (info === 20 || info === 21) return info === 21;
    if (info === 22) return null;
    if (info < 25 || info > 27) throw new Error("a value of a kind that is not used");
    const width = 1 << (info - 24), start = this.at;
    this.take(width);
    const value = width === 2 ? half(this.view.getUint16(start)) : width === 4 ? this.view.getFloat32(start) : this.view.getFloat64(start);
    if (Number.isNaN(value) && (width !== 2 || this.view.getUint16(start) !== 0x7e00)) throw new Error("another NaN than the one that is used");
    if (this.sorted && shortest(value).length !== 1 + width) throw new Error("a number is written longer than it needs");
    return new Float(value);
  }
}

function half(bits) {
  const sign = bits >> 15 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}

/** The shortest float that keeps the value. Source: RFC 8949, 4.2.1 and 4.1. */
function shortest(value) {
  const wide = new Uint8Array(9), view = new DataView(wide.buffer);
  if (Math.fround(value) !== value && !Number.isNaN(value)) {
    wide[0] = 0xfb;
    view.setFloat64(1, value);
    return wide;
  }
  view.setFloat32(1, value);
  const bits = view.getUint32(1), exponent = ((bits >>> 23) & 255) - 127, fraction = bits & 0x7fffff;
  const normal = exponent >= -14 && exponent <= 15 && !(fraction & 0x1fff);
  const tiny = exponent < -14 && exponent >= -24 && !((fraction | 0x800000) & ((1 << (-1 - exponent)) - 1));
  const narrow = Number.isNaN(value) || value === 0 || Math.abs(value) === Infinity || normal || tiny;
  wide[0] = 0xfa;
  return wide.subarray(0, narrow ? 3 : 5); // of a narrow one only the length is asked for
}

function head(major, value) {
  const number = BigInt(value);
  const width = number < 24n ? 0 : number < 1n << 8n ? 1 : number < 1n << 16n ? 2 : number < 1n << 32n ? 4 : 8;
  if (!width) return Uint8Array.of((major << 5) | Number(number));
  const bytes = new Uint8Array(9), view = new DataView(bytes.buffer);
  view.setBigUint64(1, number);
  bytes[8 - width] = (major << 5) | { 1: 24, 2: 25, 4: 26, 8: 27 }[width];
  return bytes.subarray(8 - width);
}

/** Write an array, byte string, text, whole number, boolean or null. */
export function encode(value) {
  if (value === null) return Uint8Array.of(0xf6);
  if (typeof value === "boolean") return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (value instanceof Uint8Array) return join(head(2, value.length), value);
  if (typeof value === "string") return join(head(3, utf8(value).length), utf8(value));
  if (Array.isArray(value)) return join(head(4, value.length), ...value.map(encode));
  if (value instanceof Map) {
    const pairs = [...value].map(([name, held]) => [encode(name), encode(held)]).sort(([a], [b]) => compare(a, b));
    return join(head(5, value.size), ...pairs.flat());
  }
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return value < 0 ? head(1, -1n - BigInt(value)) : head(0, value);
  throw new Error("a value of a kind that is not written here");
}
