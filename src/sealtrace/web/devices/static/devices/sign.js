// The browser's device key: made once, never extractable, kept in IndexedDB; signs every form and every unsafe request.
// What is signed: RFC 9421's signature base over method, path, query and the form's digest (devices/forms.py).

const SLICE = 4 * 1024 * 1024;
const FIELD = "_signature";
const text = (string) => new TextEncoder().encode(string);
export const base64 = (bytes) => btoa(Array.from(new Uint8Array(bytes), (b) => String.fromCharCode(b)).join(""));
const hex = (bytes) => Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, "0")).join("");
const sha256 = (bytes) => crypto.subtle.digest("SHA-256", bytes);
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
export const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

function store(mode, act) {
  return new Promise((done, fail) => {
    const opening = indexedDB.open("sealtrace", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
    opening.onerror = () => fail(opening.error);
    opening.onsuccess = () => {
      const asked = act(opening.result.transaction("keys", mode).objectStore("keys"));
      asked.onsuccess = () => { done(asked.result); opening.result.close(); };
      asked.onerror = () => fail(asked.error);
    };
  });
}

let held;
export function deviceKey() {
  held ??= (async () => {
    const kept = await store("readonly", (keys) => keys.get("device"));
    if (kept) return kept;
    const made = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
    await store("readwrite", (keys) => keys.put(made, "device"));
    return made;
  })();
  return held;
}

export async function publicKey() {
  return crypto.subtle.exportKey("spki", (await deviceKey()).publicKey);
}

export async function signBytes(bytes) {
  return crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, (await deviceKey()).privateKey, bytes);
}

async function fileHash(file) {
  const parts = [];
  for (let at = 0; at < file.size; at += SLICE) {
    parts.push(new Uint8Array(await sha256(await file.slice(at, at + SLICE).arrayBuffer())));
  }
  const all = new Uint8Array(parts.length * 32);
  parts.forEach((part, n) => all.set(part, n * 32));
  return hex(await sha256(all));
}

async function formDigest(data) {
  const rows = [];
  for (const [name, value] of data) {
    if (name === FIELD) continue;
    if (typeof value === "string") rows.push([name, "s", value.replace(/\r\n?/g, "\n")]);
    else if (value.name || value.size) rows.push([name, "f", value.size, await fileHash(value)]);
    else rows.push([name, "s", ""]); // a file that was not chosen goes, and arrives, as an empty field
  }
  rows.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  return hex(await sha256(text(JSON.stringify(rows))));
}

async function signature(method, url, extra) {
  const components = ["@method", "@path", "@query", ...Object.keys(extra)];
  const values = { "@method": method, "@path": url.pathname, "@query": `?${url.search.slice(1)}`, ...extra };
  const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
  const created = Math.floor(Date.now() / 1000);
  const parameters = `(${components.map((c) => `"${c}"`).join(" ")});created=${created};keyid="${meta("device") || "this"}";nonce="${nonce}"`;
  const base = [...components.map((c) => `"${c}": ${values[c]}`), `"@signature-params": ${parameters}`].join("\n");
  return { "Signature-Input": `device=${parameters}`, Signature: `device=:${base64(await signBytes(text(base)))}:` };
}

export const enrolled = () => meta("device") !== "" && meta("device") !== "none";

// The signature of a form as the value of its hidden field.
export async function signData(data, address, method = "POST") {
  const url = new URL(address, location.href);
  const made = await signature(method, url, { "form-digest": await formDigest(data) });
  return `${made["Signature-Input"]}\n${made.Signature}`;
}

// fetch() for unsafe requests: a FormData gets the field, any other body the headers.
export async function signedFetch(address, { method = "POST", body = "", headers = {} } = {}) {
  const url = new URL(address, location.href);
  const sent = { "X-CSRFToken": csrf(), ...headers };
  if (enrolled()) {
    if (body instanceof FormData) body.set(FIELD, await signData(body, url, method));
    else {
      const bytes = text(body);
      const extra = bytes.length ? { "content-digest": `sha-256=:${base64(await sha256(bytes))}:` } : {};
      Object.assign(sent, await signature(method, url, extra));
      if (bytes.length) sent["Content-Digest"] = extra["content-digest"];
    }
  }
  return fetch(url, { method, body: body === "" ? undefined : body, headers: sent });
}

function hidden(form, name, value) {
  let input = form.querySelector(`input[type="hidden"][name="${name}"][data-made]`);
  if (!input) {
    input = Object.assign(document.createElement("input"), { type: "hidden", name });
    input.dataset.made = "";
    form.append(input);
  }
  input.value = value;
}

async function freshEnough(form) {
  if (!("stepUp" in form.dataset) || Number(meta("confirmed")) > Date.now() / 1000 + 5) return true;
  const { confirmNow } = await import(meta("confirm-module"));
  return confirmNow();
}

async function prepared(form, submitter) {
  if (!(await freshEnough(form))) return false;
  form.querySelector(`input[name="${FIELD}"]`)?.remove();
  if ("signIn" in form.dataset) hidden(form, "device_key", base64(await publicKey()));
  const data = new FormData(form, submitter);
  hidden(form, FIELD, await signData(data, submitter?.getAttribute("formaction") || form.getAttribute("action") || location.href));
  return true;
}

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const method = submitter?.hasAttribute("formmethod") ? submitter.formMethod : (form.getAttribute("method") ?? "get").toLowerCase();
  if (event.defaultPrevented || method !== "post" || !(enrolled() || "signIn" in form.dataset)) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  try {
    if (!(await prepared(form, submitter))) return;
    if (submitter?.name) hidden(form, submitter.name, submitter.value);
    if (submitter?.hasAttribute("formaction")) form.setAttribute("action", submitter.getAttribute("formaction"));
    HTMLFormElement.prototype.submit.call(form);
  } finally { delete form.dataset.busy; }
});

// htmx asks before each request; a form's is signed as a form, a lone element's (which sends no fields) by headers.
document.addEventListener("htmx:confirm", async (event) => {
  const { elt, verb, path, question, issueRequest, triggeringEvent } = event.detail;
  if (verb === "get" || !enrolled()) return;
  event.preventDefault();
  if (question && !confirm(question)) return;
  const form = elt.closest("form");
  if (form) {
    if (!(await freshEnough(form))) return;
    form.querySelector(`input[name="${FIELD}"]`)?.remove();
    const data = new FormData(form, triggeringEvent?.submitter ?? undefined);
    hidden(form, FIELD, await signData(data, path, verb.toUpperCase()));
  } else elt.signedHeaders = await signature(verb.toUpperCase(), new URL(path, location.href), {});
  issueRequest(true);
});
document.addEventListener("htmx:configRequest", (event) => {
  Object.assign(event.detail.headers, event.detail.elt.signedHeaders ?? {});
});

// The proof that this session still sits on its device: renewed while the page is open.
const renew = () => signedFetch(meta("device-proof"), { headers: { Accept: "application/json" } }).catch(() => {});
if (enrolled() && meta("device-proof")) {
  setInterval(renew, 4 * 60 * 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renew(); });
}
for (const form of document.querySelectorAll("form[data-prove]")) form.requestSubmit();
