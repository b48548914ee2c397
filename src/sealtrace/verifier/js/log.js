// A statement with its receipt; a checkpoint by itself; a published log (C2SP tlog-tiles).

import { fromBase64, join, same, text } from "./bytes.js";
import { Broken, Claims, must } from "./claims.js";
import { checkReceipt, checkStatement, LABEL } from "./cose.js";
import { leafHash, treeRoot } from "./merkle.js";
import { checkKey, openCheckpoint, readCheckpoint, readKey, sameHead } from "./note.js";
import { sm3 } from "./sm3.js";

/** Check a statement, its receipt and, when given, that the receipt's tree is a signed checkpoint's. */
export async function checkPair(statement, receipt, keys, note = null) {
  const claims = new Claims();
  let proven = null;
  await claims.run("the statement is signed by the issuer", async () => {
    const { header } = await checkStatement(statement, keys.statement_keys ?? []);
    return `${header.get(LABEL.cwt)?.get(1)}: ${header.get(LABEL.type)}`;
  });
  await claims.run("the receipt proves the statement to be in the log", async () => {
    proven = await checkReceipt(receipt, statement, keys.receipt_keys ?? []);
    return `entry ${proven.index} of ${proven.size}`;
  });
  if (note !== null) {
    await claims.run("the checkpoint is signed by the log and of the receipt's tree", async () => {
      const opened = await openCheckpoint(note, keys.verifier_keys ?? []);
      must(proven && sameHead(opened, proven), "the receipt's tree is not the checkpoint's");
      return `${opened.origin}, ${opened.size} entries`;
    });
  }
  return claims;
}

/** Check a checkpoint under the log's keys and each cosigner's. */
export async function checkNote(note, vkeys, cosigners = []) {
  const claims = new Claims();
  await claims.run("the checkpoint is signed by the log", async () => {
    const opened = await openCheckpoint(note, vkeys);
    return `${opened.origin}, ${opened.size} entries`;
  });
  for (const cosigner of cosigners) {
    await claims.run(`${cosigner.split("+")[0]} has cosigned the checkpoint`, () => checkKey(readCheckpoint(note), readKey(cosigner)));
  }
  return claims;
}

/** Check a published log. `read(path)` gives a file's bytes, or null when it is not there. */
export async function checkFolder(read, vkeys, { cosigners = [], pems = [], since = null } = {}) {
  const note = text((await read("checkpoint")) ?? new Uint8Array());
  const claims = await checkNote(note, vkeys, cosigners);
  let head, entries;
  await claims.run("every entry is there", async () => {
    head = readCheckpoint(note);
    entries = await readEntries(read, head.size);
    return entries.length;
  });
  if (!entries) return claims;
  const leaves = entries.map((entry) => leafHash(entry));
  await claims.run("every tile is the tree's", () => checkTiles(read, leaves));
  await claims.run("the entries give the signed root", () => must(same(treeRoot(leaves), head.root), "another root"));
  for (const extension of head.extensions.filter((line) => line.startsWith("sm3 "))) {
    await claims.run("the entries give the signed SM3 root", () => {
      const again = treeRoot(entries.map((entry) => leafHash(entry, sm3)), sm3);
      must(same(fromBase64(extension.slice(4)), again), "another root");
    });
  }
  if (pems.length) await claims.run("every statement is signed by the issuer", () => checkAll(entries, pems));
  if (since !== null) await claims.run("the log extends the older checkpoint", () => checkSince(since, vkeys, leaves));
  return claims;
}

async function readEntries(read, size) {
  const entries = [];
  for (let tile = 0; 256 * tile < size; tile++) {
    const width = Math.min(256, size - 256 * tile), data = await readTile(read, "entries", tile, width);
    let at = 0;
    for (let i = 0; i < width; i++) {
      const end = at + 2 + ((data[at] << 8) | data[at + 1]);
      must(end <= data.length, `entry bundle ${tile} is cut off`);
      entries.push(data.subarray(at + 2, end));
      at = end;
    }
    must(at === data.length, `entry bundle ${tile} has bytes after its last entry`);
  }
  return entries;
}

async function checkTiles(read, leaves) {
  let row = leaves, count = 0;
  for (let level = 0; row.length; level++) {
    const above = [];
    for (let tile = 0; 256 * tile < row.length; tile++) {
      const part = row.slice(256 * tile, 256 * tile + 256);
      must(same(await readTile(read, level, tile, part.length), join(...part)), `tile ${level}/${tile} holds another hash than its entries give`);
      if (part.length === 256) above.push(treeRoot(part));
      count++;
    }
    row = above;
  }
  return `${count} tiles`;
}

async function readTile(read, level, index, width) {
  let name = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest; rest = Math.floor(rest / 1000)) name = `x${String(rest % 1000).padStart(3, "0")}/${name}`;
  const full = `tile/${level}/${name}`, data = await read(width === 256 ? full : `${full}.p/${width}`);
  if (data) return data;
  const whole = width < 256 && level !== "entries" ? await read(full) : null;
  must(whole, `${full} is missing`);
  return whole.subarray(0, 32 * width);
}

async function checkAll(entries, pems) {
  for (const [index, entry] of entries.entries()) {
    try {
      await checkStatement(entry, pems);
    } catch (error) {
      throw new Broken(`entry ${index}: ${error.message}`);
    }
  }
  return entries.length;
}

async function checkSince(since, vkeys, leaves) {
  const older = await openCheckpoint(since, vkeys);
  must(older.size <= leaves.length, `the log has fewer entries than the older checkpoint's ${older.size}`);
  must(same(treeRoot(leaves.slice(0, older.size)), older.root), `the first ${older.size} entries are not those of then`);
  return `from ${older.size} to ${leaves.length} entries`;
}
