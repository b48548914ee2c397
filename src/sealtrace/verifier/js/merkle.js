// The tree of RFC 9162, 2.1, over SHA-256 or, in the SM profile's second tree, SM3.

import { join, same } from "./bytes.js";
import { must } from "./claims.js";
import { sha256 } from "./sha2.js";

export const leafHash = (entry, hash = sha256) => hash(join(Uint8Array.of(0), entry));
export const nodeHash = (left, right, hash = sha256) => hash(join(Uint8Array.of(1), left, right));

/** The root over leaf hashes: an odd one out is carried up, which is splitting at powers of two. */
export function treeRoot(leaves, hash = sha256) {
  if (!leaves.length) return hash(new Uint8Array());
  let row = leaves;
  while (row.length > 1) {
    const above = [];
    for (let i = 0; i < row.length; i += 2) above.push(i + 1 < row.length ? nodeHash(row[i], row[i + 1], hash) : row[i]);
    row = above;
  }
  return row[0];
}

const whole = (n) => Number.isSafeInteger(n) && n >= 0;
const halved = (n) => Math.floor(n / 2);
const odd = (n) => n % 2 === 1;

/** The root that an audit path leads to. Source: RFC 9162, 2.1.3.2. */
export function rootFromInclusion(index, size, leaf, path) {
  must(whole(index) && whole(size) && index < size, `entry ${index} is not in a tree of ${size}`);
  let fn = index, sn = size - 1, root = leaf;
  for (const p of path) {
    must(sn > 0 && p instanceof Uint8Array && p.length === 32, "the inclusion proof is too long or malformed");
    if (odd(fn) || fn === sn) {
      root = nodeHash(p, root);
      while (fn && !odd(fn)) [fn, sn] = [halved(fn), halved(sn)];
    } else root = nodeHash(root, p);
    [fn, sn] = [halved(fn), halved(sn)];
  }
  must(sn === 0, "the inclusion proof is too short");
  return root;
}

/** Check that the tree of `next` leaves extends that of `old`. Source: RFC 9162, 2.1.4.2. */
export function checkConsistency(old, next, path, oldRoot, nextRoot) {
  must(whole(old) && whole(next) && old <= next, `a tree of ${next} can't extend one of ${old}`);
  if (old === 0 || old === next) {
    must(!path.length && (old !== next || same(oldRoot, nextRoot)), "the consistency proof does not fit equal or empty trees");
    return;
  }
  let fn = old - 1, sn = next - 1;
  while (odd(fn)) [fn, sn] = [halved(fn), halved(sn)];
  const nodes = fn === 0 ? [oldRoot, ...path] : [...path];
  must(nodes.length, "the consistency proof is empty");
  let before = nodes[0], after = nodes[0];
  for (const c of nodes.slice(1)) {
    must(sn > 0 && c instanceof Uint8Array && c.length === 32, "the consistency proof is too long or malformed");
    if (odd(fn) || fn === sn) {
      [before, after] = [nodeHash(c, before), nodeHash(c, after)];
      while (fn && !odd(fn)) [fn, sn] = [halved(fn), halved(sn)];
    } else after = nodeHash(after, c);
    [fn, sn] = [halved(fn), halved(sn)];
  }
  must(sn === 0 && same(before, oldRoot) && same(after, nextRoot), "the consistency proof does not join the trees");
}
