// SHAKE128 and SHAKE256 (FIPS 202), in BigInt lanes: for ML-DSA.

const wide = (x) => BigInt.asUintN(64, x);
const turned = (x, n) => (n ? wide((x << n) | (x >> (64n - n))) : x);

/** How far each lane is turned, and where it moves to, walking (x, y) -> (y, 2x + 3y). */
const WALK = [];
for (let t = 0, x = 1, y = 0; t < 24; t++, [x, y] = [y, (2 * x + 3 * y) % 5]) {
  WALK.push({ from: x + 5 * y, to: y + 5 * ((2 * x + 3 * y) % 5), by: BigInt((((t + 1) * (t + 2)) / 2) % 64) });
}

/** The round constants, from the shift register x^8 + x^6 + x^5 + x^4 + 1. */
const ROUNDS = [];
for (let round = 0, register = 1; round < 24; round++) {
  let constant = 0n;
  for (let j = 0; j < 7; j++) {
    if (register & 1) constant |= 1n << ((1n << BigInt(j)) - 1n);
    register = (register << 1) ^ (register & 128 ? 0x171 : 0);
  }
  ROUNDS.push(constant);
}

function permute(lanes) {
  for (const constant of ROUNDS) {
    const column = [0, 1, 2, 3, 4].map((x) => lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]);
    const mixed = [0, 1, 2, 3, 4].map((x) => column[(x + 4) % 5] ^ turned(column[(x + 1) % 5], 1n));
    for (let i = 0; i < 25; i++) lanes[i] ^= mixed[i % 5];
    const moved = [...lanes];
    for (const { from, to, by } of WALK) moved[to] = turned(lanes[from], by);
    for (let i = 0; i < 25; i++) {
      const row = i - (i % 5);
      lanes[i] = moved[i] ^ (~moved[row + ((i + 1) % 5)] & moved[row + ((i + 2) % 5)]);
      lanes[i] = wide(lanes[i]);
    }
    lanes[0] ^= constant;
  }
}

/** Give the function that squeezes the next `length` bytes of SHAKE with this rate (168 or 136 bytes). */
export function shake(rate, message) {
  const lanes = new Array(25).fill(0n), input = new Uint8Array((Math.floor(message.length / rate) + 1) * rate);
  input.set(message);
  input[message.length] ^= 0x1f;
  input[input.length - 1] ^= 0x80;
  const view = new DataView(input.buffer), block = new Uint8Array(rate), out = new DataView(block.buffer);
  for (let at = 0; at < input.length; at += rate) {
    for (let i = 0; i < rate / 8; i++) lanes[i] ^= view.getBigUint64(at + 8 * i, true);
    permute(lanes);
  }
  const show = () => { for (let i = 0; i < rate / 8; i++) out.setBigUint64(8 * i, lanes[i], true); };
  show();
  let used = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      if (used === rate) {
        permute(lanes);
        show();
        used = 0;
      }
      bytes[i] = block[used++];
    }
    return bytes;
  };
}

export const shake256 = (message, length) => shake(136, message)(length);
