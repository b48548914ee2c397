// Base 45 (RFC 9285): two bytes in three symbols, a last one in two.

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** Decode; throws on a symbol, a length or a value that no encoder writes. */
export function fromBase45(encoded) {
  if (encoded.length % 3 === 1) throw new Error("this is not base 45");
  const bytes = [];
  for (let at = 0; at < encoded.length; at += 3) {
    const values = [...encoded.slice(at, at + 3)].map((symbol) => ALPHABET.indexOf(symbol));
    if (values.includes(-1)) throw new Error("this is not base 45");
    const number = values.reduceRight((sum, value) => sum * 45 + value, 0);
    if (number > (values.length === 3 ? 0xffff : 0xff)) throw new Error("this is not base 45");
    if (values.length === 3) bytes.push(number >> 8);
    bytes.push(number & 255);
  }
  return Uint8Array.from(bytes);
}
