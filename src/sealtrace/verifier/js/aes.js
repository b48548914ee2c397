// AES-256 in counter mode (FIPS 197; SP 800-38A): the keystream that a document's biases come from.

const SBOX = new Uint8Array(256);
{
  // walk the field's multiplicative group with the generator 3 and its inverse at the same time
  let p = 1, q = 1;
  do {
    p = (p ^ (p << 1) ^ (p & 128 ? 0x1b : 0)) & 255;
    q ^= q << 1;
    q ^= q << 2;
    q = (q ^ (q << 4)) & 255;
    if (q & 128) q ^= 9;
    const turned = q ^ turn(q, 1) ^ turn(q, 2) ^ turn(q, 3) ^ turn(q, 4);
    SBOX[p] = turned ^ 0x63;
  } while (p !== 1);
  SBOX[0] = 0x63;
}

function turn(x, n) {
  return ((x << n) | (x >> (8 - n))) & 255;
}

const twice = (x) => ((x << 1) ^ (x & 128 ? 0x1b : 0)) & 255;

/** The 15 round keys of a 32-byte key, one after the other. */
function expanded(key) {
  const words = new Uint8Array(240);
  words.set(key);
  let constant = 1;
  for (let at = 32; at < 240; at += 4) {
    let last = words.slice(at - 4, at);
    if (at % 32 === 0) {
      last = Uint8Array.of(SBOX[last[1]] ^ constant, SBOX[last[2]], SBOX[last[3]], SBOX[last[0]]);
      constant = twice(constant);
    } else if (at % 32 === 16) last = last.map((x) => SBOX[x]);
    for (let i = 0; i < 4; i++) words[at + i] = words[at - 32 + i] ^ last[i];
  }
  return words;
}

function encrypted(block, keys) {
  let state = block.map((x, i) => x ^ keys[i]);
  for (let round = 1; round < 15; round++) {
    const moved = state.map((_, i) => SBOX[state[(i + 4 * (i % 4)) % 16]]);
    if (round < 14) {
      state = moved.map((x, i) => {
        const [a, b, c, d] = [0, 1, 2, 3].map((k) => moved[(i & 12) + ((i + k) & 3)]);
        return twice(a) ^ twice(b) ^ b ^ c ^ d;
      });
    } else state = moved;
    state = state.map((x, i) => x ^ keys[16 * round + i]);
  }
  return state;
}

/** `length` bytes of keystream, the counter beginning at zero. */
export function keystream(key, length) {
  if (key.length !== 32) throw new Error("an AES-256 key has 32 bytes");
  const keys = expanded(key), stream = new Uint8Array(Math.ceil(length / 16) * 16);
  for (let block = 0; 16 * block < length; block++) {
    const counter = new Uint8Array(16);
    new DataView(counter.buffer).setUint32(12, block);
    stream.set(encrypted(counter, keys), 16 * block);
  }
  return stream.subarray(0, length);
}
