// Inflate (RFC 1951) within its zlib frame (RFC 1950), to an end that is named: our own, so that no browser is needed.

const LENGTHS = [[3, 0], [4, 0], [5, 0], [6, 0], [7, 0], [8, 0], [9, 0], [10, 0], [11, 1], [13, 1], [15, 1], [17, 1],
  [19, 2], [23, 2], [27, 2], [31, 2], [35, 3], [43, 3], [51, 3], [59, 3], [67, 4], [83, 4], [99, 4], [115, 4],
  [131, 5], [163, 5], [195, 5], [227, 5], [258, 0]];
const DISTANCES = [[1, 0], [2, 0], [3, 0], [4, 0], [5, 1], [7, 1], [9, 2], [13, 2], [17, 3], [25, 3], [33, 4], [49, 4],
  [65, 5], [97, 5], [129, 6], [193, 6], [257, 7], [385, 7], [513, 8], [769, 8], [1025, 9], [1537, 9], [2049, 10],
  [3073, 10], [4097, 11], [6145, 11], [8193, 12], [12289, 12], [16385, 13], [24577, 13]];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

class Bits {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
    this.bit = 0;
  }

  take(count) {
    let value = 0;
    for (let i = 0; i < count; i++) {
      if (this.at >= this.bytes.length) throw new Error("cut off");
      value |= ((this.bytes[this.at] >> this.bit) & 1) << i;
      if (++this.bit === 8) (this.bit = 0), this.at++;
    }
    return value;
  }

  toByte() {
    if (this.bit) (this.bit = 0), this.at++;
  }
}

/** A canonical Huffman code as how many words have each length, and their symbols in order. */
function huffman(lengths) {
  const counts = new Array(16).fill(0), starts = new Array(16).fill(0), symbols = [];
  for (const length of lengths) counts[length]++;
  counts[0] = 0;
  let left = 1;
  for (let i = 1; i < 16; i++) {
    left = 2 * left - counts[i];
    if (left < 0) throw new Error("a code with too many words");
    starts[i] = starts[i - 1] + counts[i - 1];
  }
  lengths.forEach((length, symbol) => {
    if (length) symbols[starts[length]++] = symbol;
  });
  return { counts, symbols };
}

function symbol(bits, { counts, symbols }) {
  let code = 0, first = 0, place = 0;
  for (let length = 1; length < 16; length++) {
    code |= bits.take(1);
    const count = counts[length];
    if (code - first < count) return symbols[place + code - first];
    place += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  throw new Error("no word of the code");
}

function described(bits) {
  const literals = bits.take(5) + 257, distances = bits.take(5) + 1, count = bits.take(4) + 4;
  const lengths = new Array(19).fill(0);
  for (let i = 0; i < count; i++) lengths[ORDER[i]] = bits.take(3);
  const code = huffman(lengths), all = [];
  while (all.length < literals + distances) {
    const word = symbol(bits, code);
    if (word < 16) all.push(word);
    else if (word === 16 && !all.length) throw new Error("nothing to repeat");
    else if (word === 16) all.push(...new Array(3 + bits.take(2)).fill(all.at(-1)));
    else all.push(...new Array(word === 17 ? 3 + bits.take(3) : 11 + bits.take(7)).fill(0));
  }
  if (all.length > literals + distances) throw new Error("too many lengths");
  return [huffman(all.slice(0, literals)), huffman(all.slice(literals))];
}

const FIXED = [
  huffman(Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))),
  huffman(new Array(30).fill(5)),
];

function block(bits, out, most, [literal, distance]) {
  for (;;) {
    const word = symbol(bits, literal);
    if (word === 256) return;
    if (word < 256) out.push(word);
    else {
      if (word > 285) throw new Error("no such length");
      const [length, more] = LENGTHS[word - 257], size = length + bits.take(more), far = symbol(bits, distance);
      if (far > 29) throw new Error("no such distance");
      const back = DISTANCES[far][0] + bits.take(DISTANCES[far][1]);
      if (back > out.length) throw new Error("before the beginning");
      for (let i = 0; i < size; i++) out.push(out[out.length - back]);
    }
    if (out.length > most) throw new Error("longer than this can be");
  }
}

/** Inflate a zlib stream that fills `bytes` into at most `most` bytes; throws on anything else. */
export function inflate(bytes, most) {
  if (bytes.length < 6 || (bytes[0] & 15) !== 8 || ((bytes[0] << 8) | bytes[1]) % 31 || bytes[1] & 32) throw new Error("no zlib stream");
  const bits = new Bits(bytes), out = [];
  bits.at = 2;
  for (let last = 0; !last; ) {
    last = bits.take(1);
    const kind = bits.take(2);
    if (kind === 3) throw new Error("no such block");
    if (kind) block(bits, out, most, kind === 1 ? FIXED : described(bits));
    else {
      bits.toByte();
      const size = bits.take(16);
      if ((size ^ bits.take(16)) !== 0xffff || out.length + size > most) throw new Error("a block of a wrong length");
      for (let i = 0; i < size; i++) out.push(bits.take(8));
    }
  }
  bits.toByte();
  let a = 1, b = 0;
  for (const byte of out) (a = (a + byte) % 65521), (b = (b + a) % 65521);
  const sum = [b >> 8, b & 255, a >> 8, a & 255];
  if (bits.at + 4 !== bytes.length || sum.some((byte, i) => byte !== bytes[bits.at + i])) throw new Error("the sum is another");
  return Uint8Array.from(out);
}
