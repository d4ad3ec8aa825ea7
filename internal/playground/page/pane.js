// Pane is a list of posts that follows its end while the reader is there.
import { PostView } from "/page/postview.js";

const NEAR = 120; // pixels from the end that still count as being there
const TOGETHER = 5 * 60 * 1000;

export class Pane {
  constructor(list, scroller, app, inThread) {
    Object.assign(this, { list, scroller, app, inThread, views: new Map() });
    list.addEventListener("keydown", (e) => this.key(e));
  }

  // last gives the focus to the newest post: where the arrows start from.
  last() { this.focus(this.list.lastElementChild); }

  focus(node) {
    node?.focus({ preventScroll: true });
    node?.scrollIntoView({ block: "nearest" });
  }

  // key walks from post to post; Enter opens a thread, + offers reactions, and
  // behind the last post stands the message box.
  key(e) {
    const node = e.target;
    if (!node.matches?.(".post") || e.ctrlKey || e.metaKey || e.altKey) return;
    const go = {
      ArrowUp: () => this.focus(node.previousElementSibling),
      ArrowDown: () => (node.nextElementSibling ? this.focus(node.nextElementSibling) : this.leave?.()),
      Home: () => this.focus(this.list.firstElementChild),
      End: () => this.last(),
      Enter: () => !this.inThread && this.app.open(node.dataset.postId),
      "+": () => node.querySelector(".add-reaction")?.click(),
    }[e.key];
    if (!go) return;
    e.preventDefault();
    go();
  }

  atEnd() { return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR; }
  toEnd() { this.scroller.scrollTop = this.scroller.scrollHeight; }

  // show makes the list hold exactly these posts, in this order.
  show(posts) {
    this.views.clear();
    this.list.replaceChildren();
    for (const p of posts) this.append(p);
    this.toEnd();
  }

  append(post) {
    const view = new PostView(post, this.app, this.inThread);
    this.views.set(post.id, view);
    this.list.append(view.node);
    this.together(post, view);
  }

  // together drops the name of a post that follows its author's last one.
  together(post, view) {
    const last = view.node.previousElementSibling;
    const prev = last && this.app.chat.posts.get(last.dataset.postId);
    view.node.classList.toggle("continued", Boolean(this.inThread && prev?.root_id && prev.user_id === post.user_id &&
      view.author(prev) === view.author(post) && post.create_at - prev.create_at < TOGETHER && post.type === ""));
  }

  put(post) {
    const end = this.atEnd();
    const view = this.views.get(post.id);
    if (view) view.update(post);
    else this.append(post);
    if (end) this.toEnd();
  }

  drop(id) {
    const view = this.views.get(id);
    if (!view) return;
    const next = view.node.nextElementSibling;
    view.node.remove();
    this.views.delete(id);
    const post = next && this.app.chat.posts.get(next.dataset.postId);
    if (post) this.together(post, this.views.get(post.id));
  }

  select(id) {
    for (const [post, view] of this.views) view.node.dataset.selected = String(post === id);
  }
}
