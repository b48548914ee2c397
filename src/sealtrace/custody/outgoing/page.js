// Open a package from disk: derive the key from the code, decrypt, show one page at a time, sign a receipt.

const by = (id) => document.getElementById(id);
const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const text = (string) => new TextEncoder().encode(string);
const copy = by("copy").textContent;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

let chinese = navigator.language.toLowerCase().startsWith("zh");
function speak() {
  document.documentElement.lang = chinese ? "zh-Hans" : "en";
  by("language").textContent = chinese ? "English" : "中文";
  by("language").lang = chinese ? "en" : "zh-Hans";
  for (const place of document.querySelectorAll("[data-zh]")) {
    place.dataset.en ??= place.textContent;
    place.textContent = chinese ? place.dataset.zh : place.dataset.en;
  }
}
by("language").addEventListener("click", () => { chinese = !chinese; speak(); });
speak();

function secretOf(code) {
  const symbols = code.toUpperCase().replace(/[-\s]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  if (symbols.length !== 32 || [...symbols].some((c) => !ALPHABET.includes(c))) throw new Error("malformed");
  let value = 0n;
  for (const c of symbols) value = (value << 5n) | BigInt(ALPHABET.indexOf(c));
  return Uint8Array.from({ length: 20 }, (_, at) => Number((value >> BigInt(152 - 8 * at)) & 255n));
}

async function unseal(code) {
  const base = await crypto.subtle.importKey("raw", secretOf(code), "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info: text("sealtrace package 1") };
  const key = await crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  const sealed = bytes(by("sealed").textContent);
  const plain = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: sealed.slice(0, 12), additionalData: text(copy) }, key, sealed.slice(12));
  const size = new DataView(plain).getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(plain.slice(4, 4 + size)));
  let at = 4 + size;
  const pages = head.pages.map((page) => {
    const data = plain.slice(at, at + page.bytes);
    at += page.bytes;
    return data;
  });
  return { head, pages };
}

async function digestOf(words) {
  if (!words) return "";
  const digest = await crypto.subtle.digest("SHA-256", text(words));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

let opened, number = 0, address;
function show(next) {
  const { head, pages } = opened;
  number = Math.max(0, Math.min(pages.length - 1, next));
  if (address) URL.revokeObjectURL(address);
  address = URL.createObjectURL(new Blob([pages[number]], { type: "image/jpeg" }));
  by("page").width = head.pages[number].width;
  by("page").height = head.pages[number].height;
  by("page").alt = `${head.title}, ${number + 1} / ${pages.length}`;
  by("page").src = address;
  by("at").textContent = `${number + 1} / ${pages.length}`;
  by("before").disabled = number === 0;
  by("after").disabled = number === pages.length - 1;
}

by("unlock").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    opened = await unseal(by("code").value);
  } catch {
    by("wrong").hidden = false;
    return;
  }
  by("locked").hidden = true;
  by("open").hidden = false;
  by("title").textContent = opened.head.title;
  const over = opened.head.until && new Date(opened.head.until) <= new Date();
  by("over").hidden = !over;
  if (opened.head.undertaking) {
    by("words").hidden = false;
    by("undertaking").textContent = opened.head.undertaking;
  }
  if (over || opened.head.undertaking) by("turn").hidden = by("page").hidden = true;
  else show(0);
});
by("before").addEventListener("click", () => show(number - 1));
by("after").addEventListener("click", () => show(number + 1));
addEventListener("keydown", (event) => {
  if (!opened || event.target.closest("input, textarea")) return;
  if (event.key === "ArrowRight") show(number + 1);
  if (event.key === "ArrowLeft") show(number - 1);
});
by("page").addEventListener("contextmenu", (event) => event.preventDefault());

by("receipt").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = by("name").value.trim(), at = new Date().toISOString();
  if (!name) return;
  const kind = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("pkcs8", bytes(opened.head.receipt_key), kind, false, ["sign"]);
  const undertaking = await digestOf(opened.head.undertaking);
  const lines = [undertaking ? "sealtrace receipt 2" : "sealtrace receipt 1", copy, name, at, undertaking];
  const signature = await crypto.subtle.sign(kind, key, text(lines.filter((line) => line).join("\n")));
  const said = JSON.stringify({
    copy, name, at, signature: btoa(String.fromCharCode(...new Uint8Array(signature))),
    ...(undertaking && { undertaking }),
  });
  if (by("over").hidden && by("page").hidden) {
    by("turn").hidden = by("page").hidden = false;
    show(0);
  }
  by("text").value = said;
  by("text").hidden = by("signed").hidden = false;
  by("file").href = URL.createObjectURL(new Blob([said], { type: "application/json" }));
  by("file").download = `receipt-${copy}.json`;
});
