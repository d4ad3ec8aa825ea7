// Composer is a message box: Enter sends, Shift+Enter makes a line, ↑ in an
// empty one goes to the posts, files are
// uploaded when the message goes. What could not be sent stays in the box.
import { el, bytes } from "/page/dom.js";

const MAX_FILES = 10;

export class Composer {
  constructor(form, { name, placeholder, mention, maxRunes, maxFile, send, typing, up }) {
    Object.assign(this, { form, send, typing, up, mention, maxRunes, maxFile, files: [], drafts: new Map(), key: "" });
    this.text = el("textarea", { id: `${name}-composer`, rows: "1", placeholder, title: "↑ in an empty box goes to the messages", "aria-label": placeholder, "data-testid": `${name}-composer`, autocomplete: "off" });
    this.button = el("button", { type: "submit", class: "send", "data-testid": `${name}-send`, disabled: true }, "Send");
    this.error = el("div", { class: "error", role: "alert", "data-testid": `${name}-error`, hidden: true });
    this.attached = el("div", { class: "attached", hidden: true });
    this.input = el("input", { type: "file", multiple: true, hidden: true, "data-testid": `${name}-file` });
    const attach = el("button", { type: "button", class: "tool", "aria-label": "Attach files", title: "Attach files", "data-testid": `${name}-attach`, onclick: () => this.input.click() }, "📎");
    const at = el("button", { type: "button", class: "tool", title: `Mention ${mention}`, onclick: () => this.insert(`@${mention} `) }, `@${mention}`);
    form.append(this.attached, this.text, el("div", { class: "composer-row" }, attach, at, this.input, el("span", { class: "grow" }, "Enter sends · Shift+Enter new line"), this.button), this.error);
    form.addEventListener("submit", (e) => { e.preventDefault(); this.submit(); });
    this.text.addEventListener("keydown", (e) => {
      if (e.key === "ArrowUp" && !this.text.value) { e.preventDefault(); this.up(); return; }
      if (e.key !== "Enter" || e.shiftKey || e.isComposing) return;
      e.preventDefault();
      this.submit();
    });
    this.text.addEventListener("input", () => { this.fit(); if (this.text.value) this.typing(); });
    this.text.addEventListener("paste", (e) => { if (e.clipboardData?.files.length) { e.preventDefault(); this.attach(e.clipboardData.files); } });
    this.input.addEventListener("change", () => { this.attach(this.input.files); this.input.value = ""; });
  }

  insert(text) {
    this.text.setRangeText(text, this.text.selectionStart, this.text.selectionEnd, "end");
    this.fit();
    this.text.focus();
  }

  fill(text) {
    this.text.value = text;
    this.fit();
    this.text.focus();
  }

  // use keeps a draft per thread.
  use(key) {
    this.drafts.set(this.key, this.text.value);
    this.key = key;
    this.text.value = this.drafts.get(key) ?? "";
    this.say("");
    this.fit();
  }

  fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight}px`;
    this.button.disabled = this.busy || (!this.text.value.trim() && this.files.length === 0);
  }

  say(message) {
    this.error.textContent = message;
    this.error.hidden = !message;
  }

  attach(files) {
    for (const f of files) {
      if (this.files.length >= MAX_FILES) this.say(`At most ${MAX_FILES} files go with one message.`);
      else if (f.size > this.maxFile) this.say(`${f.name} is larger than ${bytes(this.maxFile)}.`);
      else if (f.size === 0) this.say(`${f.name} is empty.`);
      else this.files.push(f);
    }
    this.drawFiles();
  }

  drawFiles() {
    this.attached.hidden = this.files.length === 0;
    this.attached.replaceChildren(...this.files.map((f, i) => el("span", {}, `${f.name} · ${bytes(f.size)}`,
      el("button", { type: "button", "aria-label": `Remove ${f.name}`, onclick: () => { this.files.splice(i, 1); this.drawFiles(); } }, "✕"))));
    this.fit();
  }

  async submit() {
    const message = this.text.value.trim();
    if (this.busy || (!message && this.files.length === 0)) return;
    const runes = [...message].length;
    if (runes > this.maxRunes) { this.say(`A message holds ${this.maxRunes} characters; this one has ${runes}.`); return; }
    this.busy = true;
    this.fit();
    try {
      await this.send(message, this.files);
      this.text.value = "";
      this.files = [];
      this.drawFiles();
      this.say("");
    } catch (err) {
      this.say(`Not sent: ${err.message}`);
    }
    this.busy = false;
    this.fit();
    if ([this.button, document.body].includes(document.activeElement)) this.text.focus();
  }
}
