// SM3 (GB/T 32905-2016): the hash of the SM profile's second tree and of SM2 signatures.

import { bigEndian, padded } from "./sha2.js";

const IV = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];

const left = (x, n) => (x << n % 32) | (n % 32 ? x >>> (32 - (n % 32)) : 0);
const p0 = (x) => x ^ left(x, 9) ^ left(x, 17);
const p1 = (x) => x ^ left(x, 15) ^ left(x, 23);

export function sm3(message) {
  const state = Int32Array.from(IV), w = new Int32Array(68);
  const blocks = padded(message, 64), view = new DataView(blocks.buffer);
  for (let start = 0; start < blocks.length; start += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(start + 4 * i);
    for (let i = 16; i < 68; i++) w[i] = p1(w[i - 16] ^ w[i - 9] ^ left(w[i - 3], 15)) ^ left(w[i - 13], 7) ^ w[i - 6];
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const constant = left(i < 16 ? 0x79cc4519 : 0x7a879d8a, i);
      const one = left((left(a, 12) + e + constant) | 0, 7);
      const two = one ^ left(a, 12);
      const ff = i < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
      const gg = i < 16 ? e ^ f ^ g : (e & f) | (~e & g);
      const t1 = (ff + d + two + (w[i] ^ w[i + 4])) | 0, t2 = (gg + h + one + w[i]) | 0;
      [h, g, f, e, d, c, b, a] = [g, left(f, 19), e, p0(t2), c, left(b, 9), a, t1];
    }
    [a, b, c, d, e, f, g, h].forEach((x, i) => (state[i] ^= x));
  }
  return bigEndian(state);
}
