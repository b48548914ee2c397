// ML-DSA-44 signatures, verified (FIPS 204, algorithms 3 and 8), with an empty context.

import { join, same } from "./bytes.js";
import { power } from "./curves.js";
import { shake, shake256 } from "./keccak.js";

const Q = 8380417, K = 4, COLUMNS = 4, DROPPED = 13, TAU = 39, BETA = 78, OMEGA = 80;
const GAMMA1 = 1 << 17, GAMMA2 = (Q - 1) / 88;
const KEY = 1312, SIGNATURE = 2420, CHALLENGE = 32, Z_BYTES = 576, T_BYTES = 320;

const mod = (x) => ((x % Q) + Q) % Q;
const range = (n) => Array.from({ length: n }, (_, i) => i);
const ZETAS = range(256).map((k) => Number(power(1753n, BigInt(parseInt(k.toString(2).padStart(8, "0").split("").reverse().join(""), 2)), BigInt(Q))));

function ntt(w) {
  let m = 0;
  for (let half = 128; half >= 1; half /= 2) {
    for (let start = 0; start < 256; start += 2 * half) {
      const zeta = ZETAS[++m];
      for (let j = start; j < start + half; j++) {
        const t = (zeta * w[j + half]) % Q;
        [w[j], w[j + half]] = [(w[j] + t) % Q, mod(w[j] - t)];
      }
    }
  }
  return w;
}

function inverseNtt(w) {
  let m = 256;
  for (let half = 1; half < 256; half *= 2) {
    for (let start = 0; start < 256; start += 2 * half) {
      const zeta = Q - ZETAS[--m];
      for (let j = start; j < start + half; j++) [w[j], w[j + half]] = [(w[j] + w[j + half]) % Q, (zeta * mod(w[j] - w[j + half])) % Q];
    }
  }
  return w.map((x) => (x * 8347681) % Q); // by the inverse of 256
}

/** 256 numbers of `bits` bits each, lowest bit first. */
function unpacked(bytes, bits) {
  return range(256).map((i) => {
    let value = 0;
    for (let b = 0; b < bits; b++) value |= ((bytes[(i * bits + b) >> 3] >> ((i * bits + b) & 7)) & 1) << b;
    return value;
  });
}

/** A polynomial of the matrix A, in the transformed domain. */
function matrixEntry(rho, column, row) {
  const squeeze = shake(168, join(rho, Uint8Array.of(column, row))), found = [];
  while (found.length < 256) {
    const [a, b, c] = squeeze(3), value = a | (b << 8) | ((c & 127) << 16);
    if (value < Q) found.push(value);
  }
  return found;
}

/** The challenge: a polynomial with TAU coefficients of 1 or -1. */
function sampleInBall(seed) {
  const squeeze = shake(136, seed), signs = squeeze(8), c = new Array(256).fill(0);
  for (let i = 256 - TAU; i < 256; i++) {
    let j;
    do [j] = squeeze(1); while (j > i);
    const n = i + TAU - 256;
    c[i] = c[j];
    c[j] = (signs[n >> 3] >> (n & 7)) & 1 ? Q - 1 : 1;
  }
  return c;
}

/** The hints, or null when they are not in their one form. */
function hints(bytes) {
  const found = range(K).map(() => new Array(256).fill(0));
  let at = 0;
  for (let i = 0; i < K; i++) {
    const end = bytes[OMEGA + i], first = at;
    if (end < at || end > OMEGA) return null;
    for (; at < end; at++) {
      if (at > first && bytes[at - 1] >= bytes[at]) return null;
      found[i][bytes[at]] = 1;
    }
  }
  return bytes.subarray(at, OMEGA).every((x) => x === 0) ? found : null;
}

function useHint(hint, r) {
  let low = r % (2 * GAMMA2);
  if (low > GAMMA2) low -= 2 * GAMMA2;
  let high = (r - low) / (2 * GAMMA2);
  if (r - low === Q - 1) [high, low] = [0, low - 1];
  return hint ? (high + (low > 0 ? 1 : 43)) % 44 : high;
}

/** Whether `signature` is one of `message` under `key`. */
export function verifyMlDsa44(key, signature, message) {
  if (key.length !== KEY || signature.length !== SIGNATURE) return false;
  const rho = key.subarray(0, 32), challenge = signature.subarray(0, CHALLENGE);
  const z = range(COLUMNS).map((i) => unpacked(signature.subarray(CHALLENGE + i * Z_BYTES, CHALLENGE + (i + 1) * Z_BYTES), 18).map((v) => GAMMA1 - v));
  const hint = hints(signature.subarray(CHALLENGE + COLUMNS * Z_BYTES));
  if (!hint || z.some((poly) => poly.some((x) => Math.abs(x) >= GAMMA1 - BETA))) return false;
  const mu = shake256(join(shake256(key, 64), Uint8Array.of(0, 0), message), 64);
  const c = ntt(sampleInBall(challenge)), zHat = z.map((poly) => ntt(poly.map(mod)));
  const packed = new Uint8Array(K * 192);
  for (let row = 0; row < K; row++) {
    const t = ntt(unpacked(key.subarray(32 + row * T_BYTES, 32 + (row + 1) * T_BYTES), 10).map((x) => (x * 2 ** DROPPED) % Q));
    const sum = t.map((x, i) => mod(-c[i] * x));
    for (let column = 0; column < COLUMNS; column++) {
      const a = matrixEntry(rho, column, row);
      for (let i = 0; i < 256; i++) sum[i] = (sum[i] + a[i] * zHat[column][i]) % Q;
    }
    inverseNtt(sum).forEach((r, i) => {
      const high = useHint(hint[row][i], r), bit = 6 * i;
      packed[row * 192 + (bit >> 3)] |= high << (bit & 7);
      if ((bit & 7) > 2) packed[row * 192 + (bit >> 3) + 1] |= high >> (8 - (bit & 7));
    });
  }
  return same(shake256(join(mu, packed), CHALLENGE), challenge);
}
