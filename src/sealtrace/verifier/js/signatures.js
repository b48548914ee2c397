// Asking WebCrypto where there is one, and our own arithmetic where there is none.

import { verifyEd25519 as ownEd25519, verifyEs256 as ownEs256 } from "./curves.js";

/** Set `subtle` to null to do without WebCrypto. */
export const browser = { subtle: globalThis.crypto?.subtle ?? null };

async function asked(name, imported, verified, key, signature, message) {
  if (!browser.subtle) return null;
  try {
    const handle = await browser.subtle.importKey("raw", key, imported, false, ["verify"]);
    return await browser.subtle.verify(verified, handle, signature, message);
  } catch {
    return null; // this browser does not know the algorithm, or will not take the key: work it out
  }
}

export async function verifyEd25519(key, signature, message) {
  const answer = await asked("Ed25519", "Ed25519", "Ed25519", key, signature, message);
  return answer ?? ownEd25519(key, signature, message);
}

export async function verifyEs256(point, signature, message) {
  const curve = { name: "ECDSA", namedCurve: "P-256" }, how = { name: "ECDSA", hash: "SHA-256" };
  const answer = await asked("ES256", curve, how, point, signature, message);
  return answer ?? ownEs256(point, signature, message);
}
