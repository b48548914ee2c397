// Signatures over P-256 (ES256), SM2 and edwards25519, verified with plain whole numbers.
//
// For verifying only: nothing here is secret, so nothing need take the same time. WebCrypto is asked first
// where the browser offers it (see signatures.js). Sources: SEC 1, 4.1.4; GB/T 32918.2, 7.1; RFC 8032, 5.1.7.

import { join, toBigInt, utf8 } from "./bytes.js";
import { sha256, sha512 } from "./sha2.js";
import { sm3 } from "./sm3.js";

const mod = (x, m) => ((x % m) + m) % m;

function inverse(x, m) {
  let [a, b, u, v] = [mod(x, m), m, 1n, 0n];
  while (a > 1n) {
    const q = b / a;
    [a, b, u, v] = [b - q * a, a, v - q * u, u];
    if (a < 0n) a += b;
    if (a === 0n) throw new Error("no inverse");
  }
  return mod(u, m);
}

export function power(x, n, m) {
  let result = 1n;
  for (let base = mod(x, m); n > 0n; n >>= 1n, base = (base * base) % m) if (n & 1n) result = (result * base) % m;
  return result;
}

// -- y^2 = x^3 - 3x + b, in Jacobian coordinates (x / z^2, y / z^3); null is the point at infinity

const P256 = {
  p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
  n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  g: [0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n],
};
const SM2 = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  g: [0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
    0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n],
};

function double(point, { p }) {
  if (!point) return null;
  const [x, y, z] = point, zz = (z * z) % p, yy = (y * y) % p;
  const s = (4n * x * yy) % p, m = (3n * (x - zz) * (x + zz)) % p;
  const x3 = mod(m * m - 2n * s, p);
  return [x3, mod(m * (s - x3) - 8n * yy * yy, p), (2n * y * z) % p];
}

function add(one, two, curve) {
  if (!one || !two) return one ?? two;
  const { p } = curve, [x1, y1, z1] = one, [x2, y2, z2] = two;
  const zz1 = (z1 * z1) % p, zz2 = (z2 * z2) % p;
  const u1 = (x1 * zz2) % p, u2 = (x2 * zz1) % p, s1 = (y1 * zz2 * z2) % p, s2 = (y2 * zz1 * z1) % p;
  const h = mod(u2 - u1, p), r = mod(s2 - s1, p);
  if (h === 0n) return r === 0n ? double(one, curve) : null;
  const hh = (h * h) % p, hhh = (h * hh) % p, v = (u1 * hh) % p;
  const x3 = mod(r * r - hhh - 2n * v, p);
  return [x3, mod(r * (v - x3) - s1 * hhh, p), (h * z1 * z2) % p];
}

/** The x of a*G + b*Q, or null at infinity. */
function combined(a, b, q, curve) {
  const g = [...curve.g, 1n], other = [...q, 1n], both = add(g, other, curve);
  let sum = null;
  for (let bit = 255n; bit >= 0n; bit--) {
    sum = double(sum, curve);
    const which = [null, g, other, both][Number((a >> bit) & 1n) + 2 * Number((b >> bit) & 1n)];
    if (which) sum = add(sum, which, curve);
  }
  if (!sum || sum[2] === 0n) return null;
  return mod(sum[0] * inverse(sum[2] * sum[2], curve.p), curve.p);
}

/** Read an uncompressed point, 65 bytes; null when it is not on the curve. */
function onCurve(bytes, { p, b }) {
  if (bytes.length !== 65 || bytes[0] !== 4) return null;
  const x = toBigInt(bytes.subarray(1, 33)), y = toBigInt(bytes.subarray(33));
  return x < p && y < p && mod(y * y - (x * x * x - 3n * x + b), p) === 0n ? [x, y] : null;
}

/** ECDSA on P-256 with SHA-256: `point` of 65 bytes, `signature` r || s. */
export function verifyEs256(point, signature, message) {
  const q = onCurve(point, P256), { n } = P256;
  const r = toBigInt(signature.subarray(0, 32)), s = toBigInt(signature.subarray(32));
  if (!q || signature.length !== 64 || r < 1n || s < 1n || r >= n || s >= n) return false;
  const w = inverse(s, n), x = combined((toBigInt(sha256(message)) * w) % n, (r * w) % n, q, P256);
  return x !== null && x % n === r;
}

/** SM2 with SM3 and the standard's default signer id: `signature` in DER. */
export function verifySm2(point, signature, message) {
  const q = onCurve(point, SM2), pair = readDer(signature), { n } = SM2;
  if (!q || !pair) return false;
  const [r, s] = pair, t = mod(r + s, n);
  if (r < 1n || s < 1n || r >= n || s >= n || t === 0n) return false;
  const number = (x) => Uint8Array.from(x.toString(16).padStart(64, "0").match(/../g), (two) => parseInt(two, 16));
  const signer = utf8("1234567812345678");
  const z = sm3(join(Uint8Array.of(0, 128), signer, number(SM2.p - 3n), number(SM2.b), ...SM2.g.map(number), point.subarray(1)));
  const x = combined(s, t, q, SM2);
  return x !== null && mod(toBigInt(sm3(join(z, message))) + x, n) === r;
}

/** Two whole numbers in a DER sequence, in its one form; null when it is none. */
function readDer(bytes) {
  const numbers = [];
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return null;
  for (let at = 2; at < bytes.length; ) {
    const length = bytes[at + 1], digits = bytes.subarray(at + 2, at + 2 + length);
    const plain = digits.length === length && length > 0 && digits[0] < 128 && !(digits[0] === 0 && length > 1 && digits[1] < 128);
    if (bytes[at] !== 2 || !plain) return null;
    numbers.push(toBigInt(digits));
    at += 2 + length;
  }
  return numbers.length === 2 ? numbers : null;
}

// -- edwards25519, in extended coordinates (x/z, y/z, t = xy/z)

const Q = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = mod(-121665n * inverse(121666n, Q), Q);
const ROOT_OF_MINUS_ONE = power(2n, (Q - 1n) / 4n, Q);

function addEdwards([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = ((y1 - x1) * (y2 - x2)) % Q, b = ((y1 + x1) * (y2 + x2)) % Q;
  const c = (2n * t1 * t2 * D) % Q, d = (2n * z1 * z2) % Q;
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f, Q), mod(g * h, Q), mod(f * g, Q), mod(e * h, Q)];
}

/** Read a compressed point; null when it is none. */
function fromCompressed(bytes) {
  const little = toBigInt(bytes.slice().reverse()), sign = little >> 255n, y = little & ((1n << 255n) - 1n);
  if (y >= Q) return null;
  const u = mod(y * y - 1n, Q), v = mod(D * y * y + 1n, Q);
  let x = (u * v ** 3n * power(u * v ** 7n, (Q - 5n) / 8n, Q)) % Q;
  if ((v * x * x) % Q !== u) x = (x * ROOT_OF_MINUS_ONE) % Q;
  if ((v * x * x) % Q !== u || (x === 0n && sign)) return null;
  if ((x & 1n) !== sign) x = mod(-x, Q);
  return [x, y, 1n, (x * y) % Q];
}

const BASE = fromCompressed(Uint8Array.from({ length: 32 }, (_, i) => (i ? 0x66 : 0x58)));

/** Ed25519, without the cofactor: `key` of 32 bytes, `signature` R || S. */
export function verifyEd25519(key, signature, message) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const a = fromCompressed(key), r = fromCompressed(signature.subarray(0, 32));
  const s = toBigInt(signature.slice(32).reverse());
  if (!a || !r || s >= L) return false;
  const k = toBigInt(sha512(join(signature.subarray(0, 32), key, message)).reverse()) % L;
  const minus = [mod(-a[0], Q), a[1], 1n, mod(-a[3], Q)], both = addEdwards(BASE, minus);
  let sum = [0n, 1n, 1n, 0n]; // S*B - k*A must be R
  for (let bit = 252n; bit >= 0n; bit--) {
    sum = addEdwards(sum, sum);
    const which = [null, BASE, minus, both][Number((s >> bit) & 1n) + 2 * Number((k >> bit) & 1n)];
    if (which) sum = addEdwards(sum, which);
  }
  return mod(sum[0] - r[0] * sum[2], Q) === 0n && mod(sum[1] - r[1] * sum[2], Q) === 0n;
}
