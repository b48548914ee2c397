// The e-value of a copy, worked out again from what an evidence file discloses. See the page "The chance of error".

import { must } from "./claims.js";
import { keystream } from "./aes.js";

const COLLUDERS = [1, 2, 3, 4, 5, 6, 8, 10];
const FRACTIONS = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.96, 0.985];
const OUTLIERS = 0.02, SHARE = 0.9, FARTHEST = 60, SMALLEST = 2 ** -128;

const sum = (numbers) => numbers.reduce((total, x) => total + x, 0);

/** N * K / E, at most 1, never stated below 2^-128. */
export function familyBound(logE, copies, looks) {
  const exponent = Math.log(Math.max(copies, 1) * Math.max(looks, 1)) - logE;
  return exponent >= 0 ? 1 : Math.max(Math.exp(Math.max(exponent, -700)), SMALLEST);
}

/** Where, on 32-bit uniforms, the arcsine law on k = 8..248 steps from each k to the next. */
export function biasThresholds() {
  const angle = Array.from({ length: 242 }, (_, i) => Math.asin(Math.sqrt((i + 7.5) / 256)));
  return angle.slice(1, -1).map((a) => Math.round(((a - angle[0]) / (angle.at(-1) - angle[0])) * 2 ** 32));
}

/** Each symbol's k of p = k/256. */
export function biases(key, symbols) {
  const stream = keystream(key, 8 * symbols), view = new DataView(stream.buffer, stream.byteOffset), thresholds = biasThresholds();
  return Array.from({ length: symbols }, (_, i) => {
    const uniform = view.getUint32(8 * i);
    return 8 + thresholds.filter((t) => t <= uniform).length;
  });
}

const choose = (n, k) => (k ? (choose(n - 1, k - 1) * n) / k : 1);

/** What a blend of copies may show at a symbol of bias p: [level, chance given a 1, chance given a 0]. */
function levels(colluders, strategy, p) {
  const level = (ones) => {
    if (strategy === "linear") return (2 * ones) / colluders - 1;
    if (strategy === "unanimous") return Number(ones === colluders) - Number(ones === 0);
    return Math.sign(2 * ones - colluders);
  };
  const chances = new Map();
  const count = (value, given, chance) => {
    const row = chances.get(value) ?? chances.set(value, [0, 0]).get(value);
    row[given] += chance;
  };
  for (let ones = 0; ones < colluders; ones++) { // of the others
    const chance = choose(colluders - 1, ones) * p ** ones * (1 - p) ** (colluders - 1 - ones);
    count(level(ones + 1), 0, chance);
    count(level(ones), 1, chance);
  }
  return [...chances].map(([value, [one, zero]]) => [value, one, zero]);
}

function floats(bytes) {
  must(bytes.length % 8 === 0, "these are not floats");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
}

/** The natural log of a copy's e-value from a leak's symbols and the copy's codeword. */
export function logEValue(sums, information, biasKey, word) {
  const s = floats(sums), n = floats(information);
  must(s.length === n.length && n.length === 8 * word.length, "sums, informations and codeword differ in length");
  must([...s, ...n].every(Number.isFinite) && Math.min(...n) >= 0, "the symbols are not finite numbers");
  const most = Math.max(...n), every = biases(biasKey, s.length);
  const symbols = [];
  n.forEach((information, i) => {
    const root = Math.sqrt(information);
    if (information > 1e-9 * most) symbols.push({ z: s[i] / root, root, k: every[i], bit: (word[i >> 3] >> (7 - (i & 7))) & 1 });
  });
  const power = symbols.length ? sum(symbols.map(({ z }) => z * z)) / symbols.length : 0;
  if (!(power > 0)) return 0;
  const fits = COLLUDERS.flatMap((c) => ["linear", "unanimous", "majority"].filter((s) => c > 1 || s === "linear")
    .map((strategy) => fit(symbols, power, c, strategy)));
  const likeliest = Math.max(...fits.map((f) => f.likelihood));
  const weights = fits.map((f) => Math.exp(f.likelihood - likeliest)), total = sum(weights);
  const terms = fits.map((f, i) => f.logE + Math.log((SHARE * weights[i]) / total + (1 - SHARE) / fits.length));
  const top = Math.max(...terms);
  return top + Math.log(sum(terms.map((t) => Math.exp(t - top))));
}

/** Fit one model's signal fraction: its marginal log-likelihood and the copy's log e-value. */
function fit(symbols, power, colluders, strategy) {
  const shown = new Map(symbols.map(({ k }) => [k, null]));
  for (const k of shown.keys()) shown.set(k, levels(colluders, strategy, k / 256));
  const energy = sum(symbols.map(({ k }) => sum(shown.get(k).map(([v, one, zero]) => v * v * ((k / 256) * one + (1 - k / 256) * zero)))));
  const perLevel = (sum(symbols.map(({ root }) => root * root)) / symbols.length) * Math.max(energy / symbols.length, 1e-6);
  const spread = Math.sqrt(power);
  let best = { likelihood: -Infinity, logE: 0 };
  for (const fraction of FRACTIONS) {
    const noise = Math.sqrt((1 - fraction) * power), amplitude = Math.sqrt((fraction * power) / perLevel);
    let likelihood = 0, logE = 0;
    for (const { z, root, k, bit } of symbols) {
      const wide = ((OUTLIERS / 3) * noise) / spread * Math.exp(-0.5 * Math.min((z / (3 * spread)) ** 2, FARTHEST));
      let one = 0, zero = 0;
      for (const [value, givenOne, givenZero] of shown.get(k)) {
        const near = Math.exp(-0.5 * Math.min(((z - value * amplitude * root) / noise) ** 2, FARTHEST));
        one += givenOne * near;
        zero += givenZero * near;
      }
      one = (1 - OUTLIERS) * one + wide;
      zero = (1 - OUTLIERS) * zero + wide;
      const marginal = Math.log((k / 256) * one + (1 - k / 256) * zero);
      likelihood += marginal;
      logE += Math.log(bit ? one : zero) - marginal;
    }
    likelihood -= symbols.length * Math.log(noise);
    if (likelihood > best.likelihood) best = { likelihood, logE };
  }
  return best;
}
