// The e-value of a copy, worked out again from what an evidence file discloses. See the page "The chance of error".

import { keystream } from "./aes.js";
import { hex, utf8 } from "./bytes.js";
import { must } from "./claims.js";
import { sha256 } from "./sha2.js";

const COLLUDERS = [1, 2, 3, 4, 5, 6, 8, 10];
const FRACTIONS = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.96, 0.985];
const OUTLIERS = 0.02, SHARE = 0.9, FARTHEST = 60, SMALLEST = 2 ** -128, FITTED_ON = 2048;
const AVERAGING = ["linear", "unanimous", "majority"];
/** By its name, the strategies of a mixture's models. */
export const MIXTURES = new Map([
  ["averaging", AVERAGING],
  ["blends", [...AVERAGING, "interleave", "minority", "ones", "zeros", "coin"]],
]);
/** Which mixture weighs a channel. */
export const MIXTURE_OF = new Map([["page", "averaging"], ["table", "blends"]]);
export const MOST_ROUNDS = 10;

/** The models and which channel each mixture of them weighs, as a trace enters them beforehand. */
export function modelsText() {
  const channels = [...MIXTURE_OF].map(([channel, mixture]) => `${channel}=${mixture}`);
  const kinds = [...MIXTURES].map(([name, strategies]) => `${name}(${strategies.join(",")})`);
  return [...channels, ...kinds, `copies(${COLLUDERS.join(",")})`].join(" ");
}

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

/** How many ways there are to choose k of n, for k = 0 to n. */
function choices(n) {
  const row = [1];
  for (let k = 1; k <= n; k++) row.push((row[k - 1] * (n - k + 1)) / k);
  return row;
}

/** The levels that may show when so many copies of a blend carry a 1: [level, chance]. */
function shows(colluders, strategy, ones) {
  const share = ones / colluders, sign = Math.sign(2 * ones - colluders);
  if (ones === 0 || ones === colluders) return [[2 * share - 1, 1]];
  switch (strategy) {
    case "linear": return [[2 * share - 1, 1]];
    case "unanimous": return [[0, 1]];
    case "majority": return [[sign, 1]];
    case "interleave": return [[-1, 1 - share], [1, share]];
    case "minority": return [[0 - sign, 1]];
    case "ones": return [[1, 1]];
    case "zeros": return [[-1, 1]];
    default: return [[-1, 0.5], [1, 0.5]]; // coin
  }
}

/**
 * What a blend shows: its levels, and at(p, sure), the chances of each level given that one copy carries a 1, and a 0.
 * Of the copies, `named` are known, `sure` of them carrying a 1; one is weighed; of the others nothing is known.
 */
function levels(colluders, strategy, named) {
  const shown = Array.from({ length: colluders + 1 }, (_, ones) => new Map(shows(colluders, strategy, ones)));
  const values = [...new Set(shown.flatMap((row) => [...row.keys()]))].sort((a, b) => a - b);
  const table = values.map((value) => shown.map((row) => row.get(value) ?? 0)), ways = choices(colluders - 1 - named);
  const at = (p, sure) => {
    const chances = ways.map((way, m) => way * p ** m * (1 - p) ** (ways.length - 1 - m));
    return [1, 0].map((own) => table.map((row) => dot(chances, row.slice(sure + own))));
  };
  return { values, at };
}

function floats(bytes) {
  must(bytes.length % 8 === 0, "these are not floats");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
}

const bitOf = (word, i) => (word[i >> 3] >> (7 - (i & 7))) & 1;

const KEPT = 8, kept = new Map();

/**
 * Weighs copies: returns a function from a codeword to the natural log of the copy's e-value.
 * `mixture` is a name of MIXTURES, `named` are the codewords of copies known to be in the blend. The last few are
 * kept: no copy that is weighed plays a part in them, and a file is checked again whenever another key is given.
 */
export function weigher(sums, information, biasKey, mixture, named) {
  if (biasKey.length !== 32) return joint(sums, information, biasKey, mixture, named);
  const inputs = [sums, information, biasKey, utf8(mixture), ...named], key = inputs.map((input) => hex(sha256(input))).join();
  if (!kept.has(key)) {
    if (kept.size === KEPT) kept.delete(kept.keys().next().value);
    kept.set(key, fitted(sums, information, biasKey, MIXTURES.get(mixture), named));
  }
  return kept.get(key);
}

/** Adds up the log e-values of independently keyed channels put end to end; a key is followed by its symbols. */
function joint(sums, information, biasKey, mixture, named) {
  must(biasKey.length > 0 && biasKey.length % 36 === 0, "the bias key has no such length");
  const parts = [];
  let first = 0;
  for (let at = 0; at < biasKey.length; at += 36) {
    const key = biasKey.slice(at, at + 36), count = new DataView(key.buffer, key.byteOffset).getUint32(32), from = first / 8, to = (first + count) / 8;
    must(count > 0 && count % 8 === 0, "a channel has no such number of symbols");
    const wide = [8 * first, 8 * (first + count)], words = named.map((word) => word.slice(from, to));
    parts.push([from, to, weigher(sums.slice(...wide), information.slice(...wide), key.slice(0, 32), mixture, words)]);
    first += count;
  }
  must(8 * first === sums.length, "the channels do not make up the codeword");
  return (word) => {
    must(8 * word.length === first, "sums, informations and codeword differ in length");
    return sum(parts.map(([from, to, weigh]) => weigh(word.slice(from, to))));
  };
}

function fitted(sums, information, biasKey, mixture, named) {
  const s = floats(sums), n = floats(information), differ = "sums, informations and codeword differ in length";
  must(s.length === n.length && named.every((word) => 8 * word.length === s.length), differ);
  must([...s, ...n].every(Number.isFinite) && Math.min(...n) >= 0, "the symbols are not finite numbers");
  const most = Math.max(...n), every = biases(biasKey, s.length), symbols = [];
  n.forEach((information, at) => {
    const root = Math.sqrt(information), sure = named.filter((word) => bitOf(word, at)).length;
    if (information > 1e-9 * most) symbols.push({ at, z: s[at] / root, root, k: every[at], sure });
  });
  const power = symbols.length ? sum(symbols.map(({ z }) => z * z)) / symbols.length : 0;
  const models = COLLUDERS.filter((c) => c > named.length).flatMap((c) => mixture.filter((s) => c > 1 || s === "linear").map((strategy) => levels(c, strategy, named.length)));
  const fitter = power > 0 ? new Fitter(symbols, power) : null, fits = fitter ? models.map((model) => fitter.best(model)) : [];
  const likeliest = Math.max(...fits.map((f) => f.likelihood));
  const weights = fits.map((f) => Math.exp(f.likelihood - likeliest)), total = sum(weights);
  return (word) => {
    must(8 * word.length === s.length, differ);
    if (!fits.length) return 0;
    const terms = fits.map(({ logOne, logZero }, i) => Math.log((SHARE * weights[i]) / total + (1 - SHARE) / fits.length)
      + sum(symbols.map(({ at }, j) => (bitOf(word, at) ? logOne : logZero)[j])));
    const top = Math.max(...terms);
    return top + Math.log(sum(terms.map((t) => Math.exp(t - top))));
  };
}

/** Chooses for one model after another the part of the symbols' power that is signal. */
class Fitter {
  constructor(symbols, power) {
    const step = Math.ceil(symbols.length / FITTED_ON), thin = symbols.filter((_, i) => i % step === 0);
    const perEnergy = sum(symbols.map(({ root }) => root * root)) / symbols.length;
    Object.assign(this, { symbols, power, thin, perEnergy, kept: new Map() });
  }

  /** A model's marginal log-likelihood on the thinned symbols, and for every symbol the log ratios of a 1 and of a 0. */
  best({ values, at }) {
    const rows = new Map(), rowOf = ({ k, sure }) => rows.get(16 * k + sure);
    for (const symbol of this.symbols) if (!rowOf(symbol)) rows.set(16 * symbol.k + symbol.sure, this.row(values, symbol.k / 256, at(symbol.k / 256, symbol.sure)));
    const mean = sum(this.symbols.map((symbol) => rowOf(symbol).energy)) / this.symbols.length;
    const energy = Math.round(Math.max(mean, 1e-6) * 1e9) / 1e9, key = `${values} ${energy}`;
    const every = this.kept.get(key) ?? FRACTIONS.map((fraction) => this.densities(values, energy, fraction, this.thin));
    if (values.length <= 3) this.kept.set(key, every); // most models show -1 and 1, some 0 besides: the same for many of them
    const chances = this.thin.map((symbol) => rowOf(symbol).chances);
    const likelihoods = FRACTIONS.map((fraction, f) => chances.reduce((total, row, i) => total + Math.log(dot(row, every[f][i])), 0)
      - 0.5 * chances.length * Math.log((1 - fraction) * this.power));
    const likelihood = Math.max(...likelihoods);
    const dense = this.densities(values, energy, FRACTIONS[likelihoods.indexOf(likelihood)], this.symbols);
    const ratios = (own) => this.symbols.map((symbol, i) => Math.log(dot(rowOf(symbol).given[own], dense[i]) / dot(rowOf(symbol).chances, dense[i])));
    return { likelihood, logOne: ratios(0), logZero: ratios(1) };
  }

  row(values, p, given) {
    const chances = values.map((_, l) => p * given[0][l] + (1 - p) * given[1][l]);
    return { given, chances, energy: sum(values.map((value, l) => value * value * chances[l])) };
  }

  /** How likely each symbol is at each level, outliers included; times the noise. */
  densities(values, energy, fraction, symbols) {
    const noise = Math.sqrt((1 - fraction) * this.power), amplitude = Math.sqrt((fraction * this.power) / (this.perEnergy * energy));
    const shifts = values.map((value) => value * amplitude), outlier = (OUTLIERS / 3) * Math.sqrt(1 - fraction);
    const density = (deviations) => Math.exp(-0.5 * Math.min(deviations, FARTHEST));
    return symbols.map(({ z, root }) => {
      const wide = outlier * density((z * z) / (9 * this.power)), found = new Float64Array(shifts.length);
      for (let l = 0; l < found.length; l++) {
        const away = (z - shifts[l] * root) / noise;
        found[l] = (1 - OUTLIERS) * density(away * away) + wide;
      }
      return found;
    });
  }
}

function dot(a, b) {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}
