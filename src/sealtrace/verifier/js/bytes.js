// Bytes: joining, comparing, hex, base64, UTF-8.

export const utf8 = (text) => new TextEncoder().encode(text);

/** Decode UTF-8; throws on bytes that are none. */
export const text = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const same = (a, b) => a instanceof Uint8Array && b instanceof Uint8Array && compare(a, b) === 0;

/** Order of byte strings: negative, 0 or positive. */
export function compare(a, b) {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function fromHex(digits) {
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error("this is not hex");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Decode padded base64 (RFC 4648, 4); null when it is none. */
export function fromBase64(encoded) {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded)) return null;
  const bare = encoded.replace(/=+$/, "");
  const bytes = new Uint8Array(Math.floor((bare.length * 3) / 4));
  let held = 0, bits = 0, at = 0;
  for (const symbol of bare) {
    held = ((held << 6) | BASE64.indexOf(symbol)) & 0xffff;
    bits += 6;
    if (bits >= 8) bytes[at++] = (held >> (bits -= 8)) & 255;
  }
  return bytes;
}

/** A big-endian number. */
export const toBigInt = (bytes) => (bytes.length ? BigInt("0x" + hex(bytes)) : 0n);

/** `length` bytes, big-endian, of a number. */
export const fromBigInt = (number, length) => fromHex(number.toString(16).padStart(2 * length, "0"));
