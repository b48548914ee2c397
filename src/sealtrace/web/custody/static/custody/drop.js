// Drop zones: what is dropped or pasted is shown by name before it is sent; nothing goes by itself.

function take(zone, files) {
  const input = zone.querySelector("input[type=file]"), held = new DataTransfer();
  for (const file of files) held.items.add(file);
  input.files = held.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// The header of one CSV or TSV file is laid out line by line; what gets no uncertainty stays as it is.
async function columns(form, [file, ...more]) {
  const place = form.querySelector("[data-columns]"), field = place?.querySelector("textarea");
  if (!field || field.value || !file || more.length || !/\.(csv|tsv)$/i.test(file.name)) return;
  const bytes = await file.slice(0, 65536).arrayBuffer();
  let text;
  try { text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true }); } catch { text = new TextDecoder("gb18030").decode(bytes); }
  const [head] = text.split(/\r?\n/, 1), split = head.includes("\t") ? "\t" : head.includes(";") ? ";" : ",";
  const names = head.split(split).map((name) => name.replace(/^"|"$/g, "").trim()).filter(Boolean);
  if (names.length < 2) return;
  field.value = names.map((name) => `${name}; `).join("\n");
  place.open = true;
}

for (const zone of document.querySelectorAll(".drop")) {
  const input = zone.querySelector("input[type=file]");
  for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, () => zone.classList.add("over"));
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
  input?.addEventListener("change", () => {
    const form = zone.closest("form"), list = form?.querySelector("[data-chosen]");
    if (!list) return;
    list.replaceChildren(...Array.from(input.files, (file) => {
      const item = document.createElement("li"), size = document.createElement("small");
      item.textContent = file.name;
      size.textContent = file.size < 1e6 ? ` ${Math.ceil(file.size / 1e3)} kB` : ` ${(file.size / 1e6).toFixed(1)} MB`;
      item.append(size);
      return item;
    }));
    list.hidden = !input.files.length;
    const several = form.querySelector("[data-several]");
    if (several) several.hidden = input.files.length < 2;
    columns(form, input.files);
    if (form.dataset.now !== undefined && input.files.length) form.requestSubmit();
  });
}

// A picture in the clipboard is a leak as good as a file.
addEventListener("paste", (event) => {
  const zone = document.querySelector(".drop[data-paste]"), files = [...(event.clipboardData?.files ?? [])];
  if (!zone || !files.length) return;
  event.preventDefault();
  take(zone, files);
});
