// Sign the undertaking's bytes with the key of this device, then send the form.

const form = document.getElementById("undertake");
const field = form.elements.namedItem("undertaking");

form.addEventListener("submit", async (event) => {
  if (field.value) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  try {
    const { signBytes } = await import("../devices/sign.js");
    const bytes = Uint8Array.from(atob(form.dataset.signed), (c) => c.charCodeAt(0));
    field.value = btoa(String.fromCharCode(...new Uint8Array(await signBytes(bytes))));
    form.requestSubmit();
  } catch {
    document.getElementById("unsigned").hidden = false;
  }
}, { capture: true });
