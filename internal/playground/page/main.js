// main unlocks the page, lets one choose who one is, and joins chat and view.
import { unlock, people, actAs, Client, APIError } from "/page/api.js";
import { Chat } from "/page/chat.js";
import { Composer } from "/page/composer.js";
import { byID, el } from "/page/dom.js";
import { Pane } from "/page/pane.js";
import { closePicker, openPicker } from "/page/picker.js";
import { avatar } from "/page/postview.js";
import { Socket } from "/page/socket.js";

const WHO = "ctpipe-playground-person";
const LABELS = { live: "live", reconnecting: "reconnecting …", lost: "no connection, trying again …", starting: "starting", locked: "locked" };
const TRIES = ["explain this repository", "which tests are slow, and why?", "add a --json flag to the list command"];

class App {
  constructor(key, info) {
    this.key = key;
    this.chat = new Chat(info);
    this.chat.changed = (what, post) => this.redraw(what, post);
    this.channel = new Pane(byID("channel-posts"), byID("channel-scroll"), this, false);
    this.thread = new Pane(byID("thread-posts"), byID("thread-scroll"), this, true);
    this.root = "";
    const common = { mention: info.bot, maxRunes: info.max_post, maxFile: info.max_file };
    this.newRoot = new Composer(byID("channel-form"), { ...common, name: "channel", placeholder: `Message #${info.channel.name}`, typing: () => this.tell(""), up: () => this.channel.last(), send: (m, f) => this.send("", m, f) });
    this.reply = new Composer(byID("thread-form"), { ...common, name: "thread", placeholder: "Reply in this thread", typing: () => this.tell(this.root), up: () => this.thread.last(), send: (m, f) => this.send(this.root, m, f) });
    this.channel.leave = () => this.newRoot.text.focus();
    this.thread.leave = () => this.reply.text.focus();
    this.drawPeople();
    this.listen();
  }

  listen() {
    byID("thread-close").addEventListener("click", () => this.close());
    addEventListener("keydown", (e) => {
      if (e.key !== "Escape") return;
      if (document.querySelector(".picker")) closePicker();
      else this.close();
    });
    document.addEventListener("click", (e) => {
      const link = e.target.closest?.("[data-open-post]");
      if (!link) return;
      e.preventDefault();
      const post = this.chat.posts.get(link.dataset.openPost);
      if (post) this.open(post.root_id || post.id);
    });
    byID("channel-posts").addEventListener("click", (e) => {
      const post = e.target.closest(".post");
      if (post && !e.target.closest("button, a, pre") && !getSelection().toString()) this.open(post.dataset.postId);
    });
    byID("tries").append(...TRIES.map((t) => el("button", { type: "button", class: "try", onclick: () => this.newRoot.fill(`@${this.chat.info.bot} ${t}`) },
      el("b", {}, `@${this.chat.info.bot}`), ` ${t}`)));
    setInterval(() => this.drawTyping(), 1000);
  }

  drawPeople() {
    byID("people").replaceChildren(...this.chat.info.people.filter((p) => p.acts).map((p) => el("button", {
      type: "button", class: "person", role: "radio", "aria-checked": "false", "data-testid": `person-${p.username}`, "data-user": p.username,
      title: `${p.name}, ${p.kind}`, onclick: () => this.become(p.username),
    }, avatar(p, p.username, true), el("span", { class: "pname" }, p.username), p.kind === "allowed" ? null : el("span", { class: "kind", "data-kind": p.kind }, p.kind))));
  }

  // become makes the page act as another person: a token and a socket of theirs.
  async become(name) {
    const { token, id } = await actAs(this.key, name);
    sessionStorage.setItem(WHO, name);
    this.socket?.end();
    this.client = new Client(token, id);
    for (const b of byID("people").children) b.setAttribute("aria-checked", String(b.dataset.user === name));
    document.body.dataset.me = name;
    this.socket = new Socket(token, { onEvent: (e) => this.event(e), onState: (s) => showState(s, this) });
  }

  // A hello means that anything may have been missed: load it all.
  async event(e) {
    if (e.event === "hello") {
      const client = this.client;
      this.early = [];
      try {
        const posts = await client.posts(this.chat.info.channel.id);
        if (client !== this.client) return;
        this.chat.load(posts);
      } catch (err) {
        if (err instanceof APIError && err.status === 403) this.chat.load([]);
        else this.socket.ws?.close();
      }
      const early = this.early;
      this.early = null;
      early.forEach((x) => this.chat.apply(x));
      return;
    }
    if (this.early) this.early.push(e);
    else this.chat.apply(e);
  }

  redraw(what, post) {
    switch (what) {
      case "all":
        this.channel.show(this.chat.roots());
        if (this.root) this.open(this.root, true);
        break;
      case "post_deleted":
        this.channel.drop(post.id);
        this.thread.drop(post.id);
        if (post.id === this.root) this.close();
        break;
      case "posted": case "post_edited": case "reaction":
        if (!post.root_id) this.channel.put(post);
        if ((post.root_id || post.id) === this.root) this.thread.put(post);
    }
    const root = post?.root_id && this.chat.posts.get(post.root_id);
    if (root) this.channel.put(root);
    byID("channel-empty").hidden = this.chat.posts.size > 0;
    this.drawInfo();
    this.drawTyping();
  }

  drawInfo() {
    const n = this.root ? this.chat.thread(this.root).length : 0;
    byID("thread-info").textContent = n === 0 ? "no replies yet" : n === 1 ? "1 reply" : `${n} replies`;
  }

  drawTyping() {
    for (const [where, root] of [["channel-typing", ""], ["thread-typing", this.root || "-"]]) {
      const names = this.chat.typists(root);
      const text = names.length === 0 ? "" : names.length === 1 ? `${names[0]} is typing …` : `${names.join(", ")} are typing …`;
      if (byID(where).textContent !== text) byID(where).textContent = text;
    }
  }

  open(root, keepFocus) {
    const post = this.chat.posts.get(root);
    if (!post) { this.close(); return; }
    this.root = root;
    byID("thread").hidden = false;
    byID("hint").hidden = true;
    this.thread.show([post, ...this.chat.thread(root)]);
    this.channel.select(root);
    if (this.reply.key !== root) this.reply.use(root);
    this.drawInfo();
    if (!keepFocus) this.reply.text.focus();
  }

  close() {
    if (!this.root) return;
    this.root = "";
    byID("thread").hidden = true;
    byID("hint").hidden = false;
    this.channel.select("");
    this.newRoot.text.focus();
  }

  async send(root, message, files) {
    const ids = [];
    for (const f of files) ids.push((await this.client.upload(this.chat.info.channel.id, f)).id);
    const post = await this.client.create({ channel_id: this.chat.info.channel.id, root_id: root, message, file_ids: ids });
    this.chat.put(post);
    this.redraw("posted", this.chat.posts.get(post.id));
    if (!root) { this.channel.toEnd(); this.open(post.id); } else this.thread.toEnd();
  }

  async toggle(id, name) {
    const mine = this.chat.posts.get(id)?.reactions.some((r) => r.user_id === this.client.me && r.emoji_name === name);
    await this.tried(mine ? this.client.unreact(id, name) : this.client.react(id, name));
  }

  pick(button, id) { openPicker(button, (name) => this.tried(this.client.react(id, name))); }
  remove(id) { this.tried(this.client.remove(id)); }

  // tried shows why something small failed where the person looks.
  async tried(work) {
    try { await work; } catch (err) { (this.root ? this.reply : this.newRoot).say(err.message); }
  }

  async download(info) {
    const blob = await this.client.file(info.id).catch((err) => { this.tried(Promise.reject(err)); });
    if (!blob) return;
    const url = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
    el("a", { href: url, download: info.name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  tell(root) {
    if (Date.now() - (this.told ?? 0) < 3000) return;
    this.told = Date.now();
    this.socket?.send("user_typing", { channel_id: this.chat.info.channel.id, parent_id: root });
  }
}

// showState also asks, when the server seems gone, whether our key still holds:
// a restarted ctpipe has a new one, and waiting would be in vain.
async function showState(state, app) {
  const box = byID("connection");
  box.dataset.state = state;
  box.querySelector(".label").textContent = LABELS[state];
  if (state !== "reconnecting" && state !== "lost") return;
  try { await people(app.key); } catch (err) {
    if (err instanceof APIError && err.status === 401) { app.socket.end(); lock("ctpipe was restarted", "Open the new link that it printed."); }
  }
}

function lock(title, text) {
  sessionStorage.clear();
  showState("locked");
  byID("panes").hidden = true;
  byID("people").replaceChildren();
  document.querySelector(".who").hidden = true;
  byID("locked").hidden = false;
  byID("locked-title").textContent = title;
  byID("locked-text").textContent = text;
}

async function start() {
  const key = await unlock();
  let info;
  try {
    if (!key) throw new APIError(401, "", "");
    info = await people(key);
  } catch (err) {
    if (!(err instanceof APIError)) throw err;
    lock("This page is locked", "Open the link that ctpipe printed when it started. It works once, in one tab; start ctpipe again for a fresh one.");
    return;
  }
  byID("panes").hidden = false;
  const app = new App(key, info);
  const saved = sessionStorage.getItem(WHO);
  const first = info.people.find((p) => p.acts && p.username === saved) ?? info.people.find((p) => p.acts);
  await app.become(first.username);
  app.newRoot.text.focus();
}

start();
