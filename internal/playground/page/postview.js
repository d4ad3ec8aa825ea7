// PostView draws one post and redraws only what changed in it, so that an edit
// a second neither moves the focus nor the selection elsewhere.
import { el, clock, ago, bytes } from "/page/dom.js";
import { emoji } from "/page/emoji.js";
import { markdown } from "/page/markdown.js";

export function avatar(person, name, small) {
  const bot = person?.kind === "bot";
  const hue = [...name].reduce((n, c) => (n * 4 + c.codePointAt(0)) % 997, 0) % 6;
  return el("span", { class: `avatar${small ? " small" : ""}${bot ? " bot" : ""}`, "data-hue": bot ? null : hue, "aria-hidden": "true" }, bot ? "›_" : name[0].toUpperCase());
}

// A card that was answered, or that nobody can answer any more, begins so.
const ENDED = /^(?:✅|❌|⏱️|⏹️|↩️|🚫|🙈)/u;
const KINDS = ["card", "header", "tasks", "notice", "answer", "file"];

// kind is what ctpipe says that its post is. It stands in the post's props,
// which nobody but the bot can set for its posts: what Claude writes may look
// like a card, but is not framed as one.
function kind(post, bot) {
  const said = bot && post.props?.ctpipe;
  return KINDS.includes(said) ? said : null;
}

export class PostView {
  constructor(post, app, inThread) {
    this.app = app;
    this.inThread = inThread;
    this.body = el("div", { class: "body", "data-testid": "post-body" });
    this.files = el("div", { class: "files" });
    this.foot = el("div", { class: "foot" });
    this.more = el("div");
    this.time = el("time", { class: "time" });
    this.edited = el("span", { class: "edited" });
    this.pinned = el("span", { class: "pinned" });
    this.node = el("li", { class: "post", tabindex: "-1", "data-testid": "post", "data-post-id": post.id, "data-root-id": post.root_id || null, "data-user": this.author(post) });
    this.draw(post);
    this.update(post);
  }

  author(post) {
    return post.props?.from_webhook === "true" && post.props.override_username ? String(post.props.override_username) : this.app.chat.name(post.user_id);
  }

  draw(post) {
    const person = this.app.chat.people.get(post.user_id);
    const name = this.author(post);
    const webhook = post.props?.from_webhook === "true";
    const system = post.type.startsWith("system_");
    const kind = webhook ? "webhook" : system ? "system" : person?.kind === "allowed" ? "" : person?.kind ?? "";
    this.time.dateTime = new Date(post.create_at).toISOString();
    this.time.textContent = clock(post.create_at);
    this.node.classList.toggle("system", system);
    this.node.classList.toggle("root", this.inThread && !post.root_id);
    this.node.append(avatar(webhook ? null : person, name),
      el("div", { class: "content" },
        el("div", { class: "meta" }, el("span", { class: "author" }, name), kind ? el("span", { class: `tag ${kind}` }, kind) : null,
          this.time, this.edited, this.pinned, this.remover(post)),
        this.body, this.files, this.foot, this.more));
  }

  remover(post) {
    if (post.user_id !== this.app.client.me) return null;
    return el("button", { type: "button", class: "delete", "data-testid": "delete", "aria-label": "Delete this message", onclick: () => this.app.remove(post.id) }, "delete");
  }

  update(post) {
    if (post.message !== this.shown) {
      this.shown = post.message;
      this.body.replaceChildren(markdown(post.message, { known: this.app.chat.known, me: this.app.chat.name(this.app.client.me) }));
      this.body.classList.toggle("long", !this.inThread && post.message.length > 900);
    }
    this.node.dataset.editAt = post.edit_at;
    const bot = this.app.chat.people.get(post.user_id)?.kind === "bot";
    this.edited.textContent = post.edit_at && !bot ? "edited" : "";
    this.pinned.textContent = post.is_pinned ? "📌 pinned" : "";
    this.node.dataset.kind = kind(post, bot) ?? "";
    this.node.classList.toggle("asks", bot && !ENDED.test(post.message) && post.reactions.filter((r) => r.user_id === post.user_id).length > 1);
    this.drawFiles(post);
    this.drawReactions(post);
    this.drawThreadLink(post);
  }

  drawFiles(post) {
    const infos = post.metadata?.files ?? [];
    if (this.files.childElementCount === infos.length) return;
    this.files.replaceChildren(...infos.map((f) => this.file(f)));
  }

  file(info) {
    const button = el("button", { type: "button", class: "file", "data-testid": "file", "data-file-id": info.id, title: "Download" },
      el("span", { "aria-hidden": "true" }, "📎"), el("span", {}, info.name), el("span", { class: "size" }, bytes(info.size)));
    button.addEventListener("click", () => this.app.download(info));
    if (/^image\/(png|jpeg|gif|webp)$/.test(info.mime_type) && info.size < 4 << 20) {
      this.app.client.file(info.id).then((blob) => {
        const url = URL.createObjectURL(blob);
        button.replaceChildren(el("img", { src: url, alt: info.name, onload: () => URL.revokeObjectURL(url) }));
      }).catch(() => {}); // the chip with the name stays
    }
    return button;
  }

  drawReactions(post) {
    const by = new Map();
    for (const r of post.reactions) by.set(r.emoji_name, [...(by.get(r.emoji_name) ?? []), r.user_id]);
    const key = JSON.stringify([...by]);
    if (key === this.reactionKey) return;
    this.reactionKey = key;
    const focused = this.foot.contains(document.activeElement) ? document.activeElement.dataset.emoji : null;
    this.foot.replaceChildren(...[...by].map(([name, users]) => this.reaction(post, name, users)), this.adder(post));
    this.foot.classList.toggle("some", by.size > 0);
    this.foot.classList.toggle("none", by.size === 0);
    if (focused) this.foot.querySelector(`[data-emoji="${CSS.escape(focused)}"]`)?.focus();
  }

  reaction(post, name, users) {
    const mine = users.includes(this.app.client.me);
    const who = users.map((u) => this.app.chat.name(u)).join(", ");
    return el("button", {
      type: "button", class: "reaction", "data-testid": "reaction", "data-emoji": name, "data-count": users.length, "aria-pressed": String(mine),
      "aria-label": `${name}, ${users.length}: ${who}`, title: `${who} reacted with :${name}:`, onclick: () => this.app.toggle(post.id, name),
    }, el("span", { class: "emoji", "aria-hidden": "true" }, emoji(name) || `:${name}:`), String(users.length));
  }

  adder(post) {
    const button = el("button", { type: "button", class: "add-reaction", "data-testid": "add-reaction", "data-emoji": "+", "aria-label": "Add a reaction", "aria-haspopup": "true", title: "Add a reaction" }, "☺ +");
    button.addEventListener("click", () => this.app.pick(button, post.id));
    return button;
  }

  drawThreadLink(post) {
    if (this.inThread || post.root_id) return;
    const replies = this.app.chat.thread(post.id);
    const last = replies.at(-1);
    const key = `${replies.length}:${last?.create_at ?? 0}`;
    if (key === this.moreKey) return;
    this.moreKey = key;
    const label = replies.length === 0 ? "Reply in a thread" : replies.length === 1 ? "1 reply" : `${replies.length} replies`;
    this.more.replaceChildren(el("button", { type: "button", class: "open", "data-testid": "open-thread", onclick: () => this.app.open(post.id) },
      label, last ? el("span", { class: "ago" }, `last ${ago(last.create_at)}`) : null, el("span", { "aria-hidden": "true" }, "→")));
  }
}
