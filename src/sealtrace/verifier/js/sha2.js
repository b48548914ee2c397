// SHA-256 and SHA-512 (FIPS 180-4), for pages that the browser gives no WebCrypto, and wherever a digest is needed at once.

/** The first `count` primes' roots' fractional bits: the constants of both hashes, worked out, not copied. */
function fractions(root, bits, count) {
  const found = [];
  for (let n = 2n; found.length < count; n++) {
    let prime = true;
    for (let d = 2n; d * d <= n; d++) if (n % d === 0n) prime = false;
    if (prime) found.push(BigInt.asUintN(bits, integerRoot(n << BigInt(root * bits), root)));
  }
  return found;
}

/** The largest whole number whose `root`-th power is not above n. */
function integerRoot(n, root) {
  let low = 0n, high = 1n << BigInt(Math.ceil(n.toString(2).length / root));
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(root) <= n) low = middle;
    else high = middle;
  }
  return low;
}

const K32 = Int32Array.from(fractions(3, 32, 64), (k) => Number(BigInt.asIntN(32, k)));
const H32 = Int32Array.from(fractions(2, 32, 8), (h) => Number(BigInt.asIntN(32, h)));
const K64 = fractions(3, 64, 80);
const H64 = fractions(2, 64, 8);

/** The message, a 1 bit, zeros, and its length in bits: whole blocks. */
export function padded(message, block) {
  const room = block === 128 ? 17 : 9;
  const whole = new Uint8Array(Math.ceil((message.length + room) / block) * block);
  whole.set(message);
  whole[message.length] = 0x80;
  new DataView(whole.buffer).setBigUint64(whole.length - 8, 8n * BigInt(message.length));
  return whole;
}

const right = (x, n) => (x >>> n) | (x << (32 - n));

export function sha256(message) {
  const state = Int32Array.from(H32), w = new Int32Array(64);
  const blocks = padded(message, 64), view = new DataView(blocks.buffer);
  for (let start = 0; start < blocks.length; start += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(start + 4 * i);
    for (let i = 16; i < 64; i++) {
      const a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + (right(a, 7) ^ right(a, 18) ^ (a >>> 3)) + w[i - 7] + (right(b, 17) ^ right(b, 19) ^ (b >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const one = (h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & f) ^ (~e & g)) + K32[i] + w[i]) | 0;
      const two = ((right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((x, i) => (state[i] += x));
  }
  return bigEndian(state);
}

/** 32-bit words as bytes. */
export function bigEndian(words) {
  const bytes = new Uint8Array(4 * words.length), view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setInt32(4 * i, word));
  return bytes;
}

const wide = (x) => BigInt.asUintN(64, x);
const right64 = (x, n) => wide((x >> n) | (x << (64n - n)));

export function sha512(message) {
  const state = [...H64], w = new Array(80);
  const blocks = padded(message, 128), view = new DataView(blocks.buffer);
  for (let start = 0; start < blocks.length; start += 128) {
    for (let i = 0; i < 16; i++) w[i] = view.getBigUint64(start + 8 * i);
    for (let i = 16; i < 80; i++) {
      const a = w[i - 15], b = w[i - 2];
      w[i] = wide(w[i - 16] + (right64(a, 1n) ^ right64(a, 8n) ^ (a >> 7n)) + w[i - 7] + (right64(b, 19n) ^ right64(b, 61n) ^ (b >> 6n)));
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 80; i++) {
      const one = h + (right64(e, 14n) ^ right64(e, 18n) ^ right64(e, 41n)) + ((e & f) ^ (wide(~e) & g)) + K64[i] + w[i];
      const two = (right64(a, 28n) ^ right64(a, 34n) ^ right64(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, wide(d + one), c, b, a, wide(one + two)];
    }
    [a, b, c, d, e, f, g, h].forEach((x, i) => (state[i] = wide(state[i] + x)));
  }
  const bytes = new Uint8Array(64), out = new DataView(bytes.buffer);
  state.forEach((word, i) => out.setBigUint64(8 * i, word));
  return bytes;
}
