// An evidence file: reading it in its one form, and checking each of its claims.

import { compare, fromHex, hex, join, same, toBigInt, utf8 } from "./bytes.js";
import { decode, encode, Float } from "./cbor.js";
import { Claims, must, Unknown } from "./claims.js";
import { checkOpening, checkReceipt, checkStatement, LABEL, readSign1, toBeSigned } from "./cose.js";
import { familyBound, MIXTURE_OF, MIXTURES, modelsText, MOST_ROUNDS, weigher } from "./evalue.js";
import { checkKey, openCheckpoint, readCheckpoint, readKey, sameHead } from "./note.js";
import { INSIDE, isPackage, MANIFEST, readPackage } from "./package.js";
import { sha256 } from "./sha2.js";
import { verifyEd25519 } from "./signatures.js";

const FIRST = "sealtrace-evidence/1", SECOND = "sealtrace-evidence/2", TWO_KEYS = "sealtrace-evidence/3";
const FIELDS = ["accused", "checkpoint", "findings", "format", "home", "keys", "limits", "rotations", "trace"];
const FORMS = new Map([
  [FIRST, { fields: FIELDS, findings: "sealtrace-findings/1" }],
  [SECOND, { fields: [...FIELDS, "opened", "release"].sort(), findings: "sealtrace-findings/2" }],
  [TWO_KEYS, { fields: [...FIELDS, "opened", "release"].sort(), findings: "sealtrace-findings/3" }],
]);
const ROTATION = ["old_verifier_key", "new_verifier_key", "new_statement_key", "new_receipt_key"];
const PROVEN_BY = ["exact", "stamp", "page", "table", "order", "decoy"], BY_MARKS = ["page", "table"];
const COPIES = ["copy:issued", "copy:viewed", "copy:printed", "copy:packaged"]; // the entries by which a copy comes to be
const PARTIES = ["office", "notary"]; // whose key each half of a codeword is drawn under, where there are two keys

export const value = (proof, name) => proof.get("opening").get(name)[1];

const close = (a, b, tolerance) => a === b || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));

/** Read an evidence file: its content, its findings, and the COSE_Sign1 around them. Throws when it is none. */
export function readEvidence(given) {
  const members = isPackage(given) ? readPackage(given) : null, bytes = members ? members.get(INSIDE) : given;
  const sign1 = readSign1(bytes, "evidence file");
  const content = decode(sign1.payload), found = decode(content.get("findings"));
  const regular = !sign1.unprotected.size && sign1.header.size === 1 && sign1.header.get(LABEL.alg) === -8
    && [...content.keys()].sort().join() === FORMS.get(content.get("format"))?.fields.join()
    && found.get("format") === FORMS.get(content.get("format")).findings
    && ["accused", "leak", "weighed", "considered"].every((name) => found.has(name))
    && found.get("accused").every((a) => a.get("copy").length === 8 && a.get("copy") instanceof Uint8Array && Array.isArray(a.get("channels")))
    && Array.isArray(found.get("accused")) && Array.isArray(content.get("accused"))
    && found.get("accused").every((a) => a.get("chance_of_error") instanceof Float) && found.get("chance") instanceof Float
    && found.get("leak").every((piece) => piece.get("sha256") instanceof Uint8Array && piece.get("sha256").length === 32);
  must(regular, "it is not in the one form evidence is written in: it was altered");
  return { sign1, content, found, members };
}

/** Check every claim of an evidence file. A file that is none, or not in its one form, gives one claim. */
export async function checkEvidence(bytes, { key = null, cosigners = [] } = {}) {
  const claims = new Claims();
  let evidence;
  await claims.run("this is an evidence file in its one form", () => void (evidence = new Evidence(readEvidence(bytes), key)));
  if (!evidence) return { claims, evidence: null };
  claims.list.length = 0;
  if (evidence.members) await claims.run("the package is whole: its manifest is signed and fits", () => evidence.package());
  await claims.run("the file is whole: its signature holds", () => evidence.signature());
  await claims.run("the keys belong to the log that made it", () => evidence.chain());
  await claims.run("the checkpoint is signed by the log", () => evidence.checkpoint());
  for (const cosigner of cosigners) {
    const check = () => checkKey(readCheckpoint(evidence.content.get("checkpoint")), readKey(cosigner));
    await claims.run(`${cosigner.split("+")[0]} has cosigned the checkpoint`, check);
  }
  await claims.run("the home's first entry is in the log", () => evidence.home());
  await claims.run("the trace was entered in the log", () => evidence.entry(evidence.content.get("trace"), { event: "leak:traced" }));
  const promises = evidence.promises;
  if (evidence.second || promises.includes("opened")) await claims.run("number, chance, models and software were entered before decoding", () => evidence.wasOpened());
  if (promises.includes("sealed") || evidence.content.get("release")) await claims.run("the sealed keys were released by several people before", () => evidence.released());
  await claims.run("the findings are those that were entered", () => evidence.findings());
  try {
    await checkAccused(claims, evidence);
  } catch { // hostile content: what can't be read does not hold
    claims.list.push({ claim: "the accused copies are described", holds: false, detail: "can't be checked" });
  }
  await claims.run("the result follows from the findings", () => evidence.result());
  return { claims, evidence };
}

/** Each accused copy that comes with its proof; the result misses the others. */
async function checkAccused(claims, evidence) {
  const stated = evidence.found.get("accused"), proofs = evidence.content.get("accused");
  for (let i = 0; stated.length === proofs.length && i < stated.length; i++) {
    const name = copyName(stated[i].get("copy")), channels = stated[i].get("channels");
    await claims.run(`copy ${name} was entered before the trace`, () => evidence.issued(stated[i], proofs[i]));
    if (evidence.second) await checkDeeds(claims, evidence, name, proofs[i]);
    if (channels.includes("stamp")) await claims.run(`copy ${name} is named by its stamp`, () => evidence.stamped());
    if (!channels.some((c) => BY_MARKS.includes(c))) continue;
    if (evidence.twoKeys) await checkHalves(claims, evidence, name, stated[i], proofs[i]);
    else await claims.run(`copy ${name} has the stated e-value`, () => evidence.weighed(stated[i], proofs[i]));
  }
}

/** Both halves of a codeword, each under its own party's key, and what follows for the copy. */
async function checkHalves(claims, evidence, name, stated, proof) {
  await claims.run(`copy ${name} was marked by the notary too`, () => evidence.marked(proof));
  await claims.run(`copy ${name} has the stated e-value in the office's half`, () => evidence.weighed(stated, proof, "office"));
  await claims.run(`copy ${name} has the stated e-value in the notary's half`, () => evidence.weighed(stated, proof, "notary"));
  await claims.run(`copy ${name} is named by the weaker half`, () => evidence.weaker(stated));
}

/** What the recipient's device signed, where it did or where the home promises that it does. */
async function checkDeeds(claims, evidence, name, proof) {
  const issue = proof.get("issue"), withheld = (issue.get("hidden") ?? []).length > 0;
  const signed = (issue.get("opening").get("request")?.[1] ?? null) !== null;
  if (withheld || signed || (evidence.promises.includes("signed") && value(issue, "event") !== "copy:viewed")) {
    await claims.run(`copy ${name} was asked for by its device`, () => evidence.asked(proof));
  }
  if (proof.get("deeds").some((deed) => value(deed, "event") === "copy:received")) {
    await claims.run(`copy ${name} was received by its device`, () => evidence.received(proof));
  }
}

/** What a device, or a notary, has signed, in its one form. */
async function signedBy(key, bytes, form, otherwise = "it is not signed by the device's key") {
  const sign1 = readSign1(bytes, "request or receipt"), said = decode(sign1.payload);
  const regular = !sign1.unprotected.size && sign1.header.size === 1 && sign1.header.get(LABEL.alg) === -8;
  must(regular && said.get("format") === form, "this is nothing that a device signs");
  must(await verifyEd25519(key, sign1.signature, toBeSigned(sign1, sign1.payload)), otherwise);
  return said;
}

/** Values of entries are equal: numbers, texts or bytes. */
const equal = (a, b) => a === b || same(a, b);

class Evidence {
  constructor({ sign1, content, found, members }, key) {
    Object.assign(this, { sign1, content, found, members, key: key?.trim() || null });
    this.twoKeys = content.get("format") === TWO_KEYS;
    this.second = this.twoKeys || content.get("format") === SECOND;
  }

  /** What the home's first entry promises of everything after it. */
  get promises() {
    try {
      const pair = this.content.get("home").get("opening").get("promises");
      return String(pair?.[1] ?? "").split(",").filter(Boolean);
    } catch {
      return []; // the claim about this entry fails by itself
    }
  }

  /** The manifest is signed by the evidence key and lists every member as it is. */
  async package() {
    const sign1 = readSign1(this.members.get(MANIFEST), "manifest"), trace = decode(sign1.payload).get("trace");
    const regular = !sign1.unprotected.size && sign1.header.size === 1 && sign1.header.get(LABEL.alg) === -8;
    must(regular, "the package's manifest can't be read");
    const key = value(this.content.get("home"), "evidence_key");
    must(await verifyEd25519(key, sign1.signature, toBeSigned(sign1, sign1.payload)), "the signature does not fit");
    const files = new Map([...this.members].filter(([name]) => name !== MANIFEST).map(([name, data]) => [name, [data.length, sha256(data)]]));
    const again = encode(new Map([["format", "sealtrace-package/1"], ["trace", trace], ["files", files]]));
    must(same(sign1.payload, again), "a file in it is not as its manifest says");
    must(trace === this.found.get("trace"), "its manifest is for another trace");
    return `${files.size} files`;
  }

  /** What the trace was to be judged by stands in an entry of its own, below the trace's. */
  async wasOpened() {
    must(this.second, "the home promises that every trace is opened beforehand; this file shows no opening");
    const opened = this.content.get("opened"), trace = this.content.get("trace"), found = this.found;
    const detail = await this.entry(opened, { event: "leak:opened" });
    must(opened.get("index") < trace.get("index"), "it was entered after the trace");
    must(opened.get("index") === value(trace, "opened") && opened.get("index") === found.get("opened"), "the trace names another opening");
    for (const name of ["trace", "considered", "chance", "models", "software_sha256", "leak_sha256"]) {
      must(equal(value(opened, name), value(trace, name)), `its ${name} is not the trace's`);
    }
    const used = value(opened, "considered") === found.get("considered") && Number(value(opened, "chance")) === Number(found.get("chance"))
      && value(opened, "models") === found.get("models") && value(opened, "models") === modelsText()
      && same(value(opened, "software_sha256"), found.get("software_sha256"));
    must(used, "what was entered beforehand is not what the findings used");
    const again = value(opened, "earlier");
    return again ? `${detail}, opened ${again} times before` : detail;
  }

  /** Enough people gave their shares, before the trace was opened and for that time. */
  async released() {
    const release = this.content.get("release") ?? null, opened = this.content.get("opened") ?? null, home = this.content.get("home");
    must(release && opened, "the home seals its keys; no release is shown");
    const detail = await this.entry(release, { event: "key:released" });
    must(value(opened, "release") === release.get("index"), "the opening names another release");
    must(release.get("index") < opened.get("index"), "it was entered after the opening");
    must(value(opened, "at") <= value(release, "expires_at"), "it had expired");
    must(same(value(release, "tracing_key"), value(home, "tracing_key")), "it is of another tracing key");
    const shares = new Set(value(release, "shares").split(",")), needed = value(home, "tracing_needed");
    const people = new Set(value(release, "holders").split("\n").filter(Boolean));
    must(shares.size >= needed && people.size >= needed, "too few people gave their shares");
    return `${detail}, ${people.size} people`;
  }

  async signature() {
    const key = value(this.content.get("home"), "evidence_key");
    const holds = await verifyEd25519(key, this.sign1.signature, toBeSigned(this.sign1, this.sign1.payload));
    must(holds, "the signature does not fit");
    return `evidence key ${hex(sha256(key)).slice(0, 16)}`;
  }

  /** From the keys in the first entry, through each rotation, to those in use. */
  async chain() {
    const home = this.content.get("home"), keys = this.content.get("keys");
    const verifiers = new Set(value(home, "verifier_keys").split("\n")), statements = new Set([value(home, "statement_keys")]);
    for (const rotation of this.content.get("rotations")) {
      await this.entry(rotation, { pems: [...statements] });
      const known = value(rotation, "event") === "ledger:key-rotated" && verifiers.has(value(rotation, "old_verifier_key"));
      must(known, "a rotation does not follow from the keys before it");
      const message = utf8(["sealtrace key rotation 1", ...ROTATION.map((name) => value(rotation, name))].join("\n"));
      const next = value(rotation, "new_verifier_key");
      const held = await verifyEd25519(readKey(next).key, fromHex(value(rotation, "possession")), message);
      must(held, "a rotation is not countersigned by the new key");
      verifiers.add(next);
      statements.add(value(rotation, "new_statement_key"));
    }
    const given = keys.get("verifier_keys");
    const follow = given.every((k) => verifiers.has(k)) && keys.get("statement_keys").every((k) => statements.has(k));
    must(follow, "the keys do not follow from those the home's first entry names");
    if (!this.key) return `${given[0]} (compare it with the key its operator publishes)`;
    must(given.includes(this.key), "the log's key is not the expected one");
    return "the expected key";
  }

  /** The checkpoint, signed by the expected key where there is one, else by the file's; opened once. */
  opened() {
    return this.head ??= openCheckpoint(this.content.get("checkpoint"), this.key ? [this.key] : this.content.get("keys").get("verifier_keys"));
  }

  async checkpoint() {
    const opened = await this.opened();
    return `${opened.origin}, ${opened.size} entries`;
  }

  /** A statement of the log, in the checkpoint's tree, opened by what is disclosed. */
  async entry(proof, { pems = null, event = "" } = {}) {
    const keys = this.content.get("keys"), opened = await this.opened();
    const statement = await checkStatement(proof.get("statement"), pems ?? keys.get("statement_keys"));
    const proven = await checkReceipt(proof.get("receipt"), proof.get("statement"), keys.get("receipt_keys"));
    must(proven.index === proof.get("index"), "the receipt is for another entry");
    must(sameHead(proven, opened), "the receipt's tree is not the checkpoint's");
    const hidden = (this.second ? proof.get("hidden") : null) ?? [];
    must(hidden.every((h) => h instanceof Uint8Array && h.length === 32), "what is withheld is no commitment");
    checkOpening(statement.payload, proof.get("opening"), hidden);
    const said = value(proof, "event");
    must(!event || said === event, `it is an entry about ${said}, not ${event}`);
    const type = `application/vnd.sealtrace.${said.replaceAll(":", "-")}+cbor`;
    must(statement.header.get(LABEL.type) === type, "the statement's media type is not its event's");
    return `entry ${proof.get("index")}`;
  }

  home() {
    must(this.content.get("home").get("index") === 0, "it is not the log's first entry");
    return this.entry(this.content.get("home"), { event: "home:created" });
  }

  findings() {
    const trace = this.content.get("trace"), found = this.found, leak = found.get("leak").map((piece) => piece.get("sha256"));
    must(same(value(trace, "findings_sha256"), sha256(this.content.get("findings"))), "the findings differ from those entered");
    must(same(value(trace, "leak_sha256"), join(...leak)), "the leak's digest differs from the one entered");
    must(value(trace, "considered") === found.get("considered"), "the number of copies differs");
    must(value(trace, "result") === found.get("result"), "the result differs from the one entered");
    const accused = found.get("accused").map((a) => a.get("copy")).sort(compare);
    must(same(value(trace, "accused"), join(...accused)), "the accused copies differ from those entered");
    return leak.map((digest) => hex(digest).slice(0, 16)).join(", ");
  }

  /** An accused copy was entered before the trace, and is the one the findings name. */
  async issued(stated, proof) {
    const issue = proof.get("issue"), detail = await this.entry(issue);
    must(COPIES.includes(value(issue, "event")), "the entry is not about a copy");
    must(same(value(issue, "copy"), stated.get("copy")), "the entry is another copy's");
    must(`${value(issue, "code")}@${value(issue, "version")}` === stated.get("version"), "another version's copy");
    must(issue.get("index") < this.content.get(this.second ? "opened" : "trace").get("index"), "it was entered after the trace");
    if (this.second) must(value(issue, "document_key_sha256") instanceof Uint8Array, "the entry does not commit to the document key");
    if (stated.get("channels").includes("exact")) {
      const digests = await this.digests(proof);
      const known = this.found.get("leak").some((piece) => digests.some((digest) => same(piece.get("sha256"), digest)));
      must(known, "no piece of the leak has this copy's bytes");
    }
    return detail;
  }

  /** The deeds of one kind, each of them proved and entered before the trace was opened. */
  async deeds(proof, event) {
    const found = proof.get("deeds").filter((deed) => value(deed, "event") === event);
    for (const deed of found) {
      await this.entry(deed, { event });
      must(deed.get("index") < this.content.get("opened").get("index"), "a deed was entered after the opening");
    }
    return found;
  }

  /** The digests of a copy's bytes: from its issue, and from each delivery of it. */
  async digests(proof) {
    const issue = proof.get("issue"), found = [value(issue, "copy_sha256")];
    for (const deed of this.second ? await this.deeds(proof, "copy:delivered") : []) {
      must(same(value(deed, "copy"), value(issue, "copy")), "a delivery is of another copy");
      found.push(value(deed, "copy_sha256"));
    }
    return found.filter((digest) => digest !== null);
  }

  /** An enrolled device of the recipient signed the request for this copy. */
  async asked(proof) {
    const issue = proof.get("issue");
    if ((issue.get("hidden") ?? []).length) throw new Unknown("who it was is withheld in this copy of the evidence");
    const enrolled = await this.deeds(proof, "device:enrolled"), request = value(issue, "request"), key = value(issue, "device_key");
    must(request !== null && enrolled.length === 1, "no device of the recipient signed a request");
    must(enrolled[0].get("index") < issue.get("index"), "the device was enrolled after the copy was issued");
    must(same(value(enrolled[0], "public_key"), key), "the device was enrolled with another key");
    const said = await signedBy(key, request, "sealtrace-copy-request/1");
    for (const name of ["code", "version", "operator", "device"]) must(said.get(name) === value(issue, name), `the request is for another ${name}`);
    for (const name of ["operator", "device"]) must(value(enrolled[0], name) === value(issue, name), `the device was enrolled for another ${name}`);
    return `device key ${hex(sha256(key)).slice(0, 16)}`;
  }

  /** The same device signed a receipt for these bytes. */
  async received(proof) {
    const issue = proof.get("issue"), found = await this.deeds(proof, "copy:received");
    must(found.length === 1, "there are several receipts");
    if ((issue.get("hidden") ?? []).length) throw new Unknown("who it was is withheld in this copy of the evidence");
    const [received] = found, digest = value(received, "copy_sha256");
    const said = await signedBy(value(issue, "device_key"), value(received, "receipt"), "sealtrace-copy-receipt/1");
    must(same(said.get("copy"), value(issue, "copy")) && same(said.get("copy"), value(received, "copy")), "the receipt is for another copy");
    const known = (await this.digests(proof)).some((known) => same(known, digest));
    must(same(said.get("copy_sha256"), digest) && known, "the receipt is for other bytes");
    return `entry ${received.get("index")}`;
  }

  stamped() {
    throw new Unknown("a stamp is checked with the office's key, from the leak itself");
  }

  /** The e-value, worked out again from what is disclosed, is the stated one and reaches the threshold. */
  async weighed(stated, proof, half = "") {
    const found = this.found, weighed = this.weighedFor(stated, half);
    const word = await this.word(proof, half), [biasKey, committed] = await this.biasKey(proof, half), round = roundOf(stated);
    const score = half ? stated.get("halves").get(half) : stated, said = Number(score.get("log_e"));
    must(same(sha256(biasKey), committed), "the bias key is not the one committed at issue");
    const mixture = weighed.has("mixture") ? weighed.get("mixture") : "averaging";
    must(MIXTURES.has(mixture), "its mixture of models is not known here");
    const named = await this.namedBefore(stated, half);
    const logE = weigher(weighed.get("sums"), weighed.get("information"), biasKey, mixture, named)(word);
    must(close(logE, said, 1e-6), `recomputed log e-value ${logE.toFixed(6)}, stated ${said.toFixed(6)}`);
    const copies = found.get("considered"), looks = found.get("looks") * 2 ** (round - 1), chance = Number(found.get("chance"));
    const bound = familyBound(logE, copies, looks);
    must(close(bound, Number(score.get("chance_of_error")), 1e-3), "the stated chance of error is another");
    must(looks >= weighed.get("pages").length, "copies were weighed more often than was paid for");
    must(logE >= Math.log((Math.max(copies, 1) * Math.max(looks, 1)) / chance), "it is below the threshold");
    return `log E = ${logE.toFixed(2)}, chance of error <= ${bound.toExponential(2)} over ${copies} copies`;
  }

  /** What was weighed for an accused copy: its version, on its channel, with that channel's models. */
  weighedFor(stated, half = "") {
    const mine = this.found.get("weighed").filter((w) => w.get("version") === stated.get("version") && (w.get("half") ?? "") === half);
    if (!this.second) return mine[0];
    const named = stated.get("channels").filter((c) => MIXTURE_OF.has(c)), of = (w) => w.get("channel") ?? "page";
    must(named.length === 1 && mine.some((w) => of(w) === named[0]), "its channel was not weighed");
    const weighed = mine.find((w) => of(w) === named[0]);
    must((weighed.get("mixture") ?? "averaging") === MIXTURE_OF.get(named[0]), "the models are not those of its channel");
    return weighed;
  }

  /** The codewords of the version's copies that were named in earlier rounds, as committed at issue. */
  async namedBefore(stated, half = "") {
    const proofs = this.content.get("accused"), round = roundOf(stated), earlier = [];
    for (const [i, other] of this.found.get("accused").entries()) {
      if (other.get("version") === stated.get("version") && roundOf(other) < round) earlier.push(await this.word(proofs[i], half));
    }
    must((earlier.length > 0) === (round > 1), "a later round needs the copies named before it");
    return earlier;
  }

  /** With two keys: what the home's notary signed of a copy before it was delivered. */
  async mark(proof) {
    const issue = proof.get("issue"), key = value(this.content.get("home"), "notary_key");
    const said = await signedBy(key, value(issue, "notary_mark"), "sealtrace-notary-mark/1", "it is not signed by the key it should be");
    must(["code", "version", "copy"].every((name) => equal(said.get(name), value(issue, name))), "the notary's mark is of another copy");
    must(said.get("log") === (await this.opened()).origin, "the notary's mark is for another log");
    return said;
  }

  async marked(proof) {
    await this.mark(proof);
    return `notary key ${hex(sha256(value(this.content.get("home"), "notary_key"))).slice(0, 16)}`;
  }

  /** A copy's codeword, or one half of it, which is the one committed to. */
  async word(proof, half) {
    if (half !== "notary") return wordOf(proof);
    const word = proof.get("notary")[0];
    must(same(sha256(word), (await this.mark(proof)).get("codeword_sha256")), "the codeword is not the one committed at issue");
    return word;
  }

  /** The key of the biases, and the digest of it that was committed to. */
  async biasKey(proof, half) {
    if (half === "notary") return [proof.get("notary")[1], (await this.mark(proof)).get("bias_key_sha256")];
    return [proof.get("bias_key"), value(proof.get("issue"), "bias_key_sha256")];
  }

  /** What is stated of the copy is what the weaker half gives; the product is stated beside it. */
  weaker(stated) {
    const halves = stated.get("halves"), scores = PARTIES.map((half) => halves.get(half)), numbers = (name) => scores.map((s) => Number(s.get(name)));
    must(halves.size === PARTIES.length, "a half is missing");
    must(Number(stated.get("log_e")) === Math.min(...numbers("log_e")), "the log e-value is not the weaker half's");
    const chance = Number(stated.get("chance_of_error"));
    must(chance === Math.max(...numbers("chance_of_error")), "the chance of error is not the weaker half's");
    const looks = this.found.get("looks") * 2 ** (roundOf(stated) - 1), [mine, theirs] = numbers("log_e");
    const both = familyBound(mine + theirs, this.found.get("considered"), looks);
    must(close(both, Number(stated.get("both_secret")), 1e-3), "the bound of both halves is another");
    return `chance of error <= ${chance.toExponential(2)} whichever party is honest, ${both.toExponential(2)} where both are`;
  }

  /** The result is the one that the findings allow. */
  result() {
    const accused = this.found.get("accused"), result = this.found.get("result");
    must(accused.length === this.content.get("accused").length, "an accused copy lacks its proof");
    must(this.twoKeys === this.promises.includes("two-keys"), "the home promises two keys, and this is no evidence of both halves");
    for (const a of accused) {
      const channels = a.get("channels");
      must(channels.length && channels.every((c) => (this.twoKeys ? BY_MARKS : PROVEN_BY).includes(c)), "a copy is accused by something that is not proven here");
      const limit = Math.max(2 ** -128, Number(this.found.get("chance")));
      must(Number(a.get("chance_of_error")) <= limit, "an accusation is less sure than what was asked for");
    }
    const certain = accused.every((a) => a.get("channels").some((c) => c === "exact" || c === "stamp"));
    const allowed = !accused.length ? ["inconclusive", "none"] : certain ? ["exact"] : ["strong"];
    must(allowed.includes(result), `'${result}' does not follow from ${accused.length} accused copies`);
    return result;
  }
}

/** The round in which an accused copy was named. */
function roundOf(accused) {
  const round = accused.has("round") ? accused.get("round") : 1;
  must(Number.isInteger(round) && round >= 1 && round <= MOST_ROUNDS, "there is no such round");
  return round;
}

/** A copy's codeword, which is the one that its entry committed to. */
function wordOf(proof) {
  const word = proof.get("codeword");
  must(word && same(sha256(word), value(proof.get("issue"), "codeword_sha256")), "the codeword is not the one committed at issue");
  return word;
}

const BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Write a copy id as printed: base 32 and two check characters, the remainder by (x - a)(x - a^2) over GF(32). */
export function copyName(copy) {
  const number = toBigInt(copy);
  const symbols = Array.from({ length: 13 }, (_, i) => Number((number >> BigInt(5 * (12 - i))) & 31n));
  let high = 0, low = 0;
  for (const symbol of symbols) {
    const lead = symbol ^ high;
    [high, low] = [low ^ times(lead, 0b00110), times(lead, 0b01000)];
  }
  const text = [...symbols, high, low].map((s) => BASE32[s]).join("");
  return ["C" + text.slice(0, 4), text.slice(4, 8), text.slice(8, 12), text.slice(12)].join("-");
}

function times(a, b) {
  let product = 0;
  for (let i = 0; i < 5; i++) if ((b >> i) & 1) product ^= a << i;
  for (let i = 8; i > 4; i--) if ((product >> i) & 1) product ^= 0b100101 << (i - 5);
  return product;
}
