// Passkeys in the page: <button data-passkey="sign-in|make|confirm" data-options=URL data-answer=URL data-next=URL>.
// The challenge given to the authenticator is SHA-256(nonce || device key), so the passkey vouches for this device.

import { base64, csrf, enrolled, publicKey, signBytes, signedFetch } from "../devices/sign.js";

const url64 = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const bytes64 = (string) => Uint8Array.from(atob(string.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

async function post(address, body) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() };
  const text = JSON.stringify(body);
  const answer = await (enrolled() ? signedFetch(address, { body: text, headers }) : fetch(address, { method: "POST", body: text, headers }));
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.message);
  return said;
}

function asJson(credential) {
  const { response } = credential;
  const made = { clientDataJSON: url64(response.clientDataJSON) };
  if (response.attestationObject) made.attestationObject = url64(response.attestationObject);
  else {
    made.authenticatorData = url64(response.authenticatorData);
    made.signature = url64(response.signature);
    if (response.userHandle) made.userHandle = url64(response.userHandle);
  }
  return { id: credential.id, rawId: url64(credential.rawId), type: credential.type, response: made, clientExtensionResults: {} };
}

export async function ceremony({ options, answer, name }) {
  const { publicKey: asked } = await post(options, {});
  const nonce = bytes64(asked.challenge);
  const key = new Uint8Array(await publicKey());
  const both = new Uint8Array(nonce.length + key.length);
  both.set(nonce); both.set(key, nonce.length);
  asked.challenge = await crypto.subtle.digest("SHA-256", both);
  for (const list of [asked.allowCredentials, asked.excludeCredentials]) for (const one of list ?? []) one.id = bytes64(one.id);
  if (asked.user) asked.user.id = bytes64(asked.user.id);
  const credential = asked.user
    ? await navigator.credentials.create({ publicKey: asked })
    : await navigator.credentials.get({ publicKey: asked });
  const possession = base64(await signBytes(nonce));
  return post(answer, { credential: asJson(credential), device_key: base64(key), possession, name });
}

// Confirm that it is still the same person, for a form that needs it; true when done.
export async function confirmNow() {
  const place = document.querySelector('meta[name="confirm-options"]');
  try {
    const said = await ceremony({ options: place.content, answer: place.dataset.answer });
    document.querySelector('meta[name="confirmed"]').content = said.until;
    return true;
  } catch { return false; }
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  const trouble = document.getElementById(button.getAttribute("aria-describedby"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    trouble.hidden = true;
    try {
      const name = document.getElementById("passkey-name")?.value ?? "";
      await ceremony({ options: button.dataset.options, answer: button.dataset.answer, name });
      location.assign(button.dataset.next);
    } catch (error) {
      trouble.querySelector("[data-said]").textContent = error instanceof DOMException ? "" : error.message;
      trouble.hidden = false;
      button.disabled = false;
    }
  });
  if (window.PublicKeyCredential && window.isSecureContext) button.disabled = false;
}
