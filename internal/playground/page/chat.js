// Chat holds what the page knows: people, posts by thread, who is typing. It
// tells its listeners what changed and draws nothing.
export class Chat {
  constructor(info) {
    this.info = info;
    this.people = new Map(info.people.map((p) => [p.id, p]));
    this.posts = new Map();
    this.replies = new Map(); // root id → reply ids, oldest first
    this.typing = new Map(); // root id, "" for the channel → Map(user id → until)
    this.changed = () => {};
  }

  known = (name) => ["all", "channel", "here"].includes(name) || [...this.people.values()].some((p) => p.username === name);

  roots() { return [...this.posts.values()].filter((p) => !p.root_id).sort((a, b) => a.create_at - b.create_at); }
  thread(root) { return (this.replies.get(root) ?? []).map((id) => this.posts.get(id)); }

  load(posts) {
    this.posts.clear();
    this.replies.clear();
    for (const p of posts) this.put(p);
    this.changed("all");
  }

  put(post) {
    const old = this.posts.get(post.id);
    if (old && old.update_at > post.update_at) return;
    post.reactions = post.metadata?.reactions ?? old?.reactions ?? [];
    this.posts.set(post.id, post);
    if (!post.root_id) return;
    const list = this.replies.get(post.root_id) ?? [];
    if (!list.includes(post.id)) list.push(post.id);
    list.sort((a, b) => this.posts.get(a).create_at - this.posts.get(b).create_at);
    this.replies.set(post.root_id, list);
  }

  drop(post) {
    for (const id of [post.id, ...(this.replies.get(post.id) ?? [])]) this.posts.delete(id);
    this.replies.delete(post.id);
    const list = this.replies.get(post.root_id);
    if (list) this.replies.set(post.root_id, list.filter((id) => id !== post.id));
  }

  // apply takes one websocket event.
  apply({ event, data }) {
    switch (event) {
      case "posted": case "post_edited": {
        const post = JSON.parse(data.post);
        this.put(post);
        if (event === "posted") this.typing.get(post.root_id)?.delete(post.user_id);
        this.changed(event, this.posts.get(post.id));
        break;
      }
      case "post_deleted": {
        const post = JSON.parse(data.post);
        this.drop(post);
        this.changed(event, post);
        break;
      }
      case "reaction_added": case "reaction_removed": {
        const r = JSON.parse(data.reaction);
        const post = this.posts.get(r.post_id);
        if (!post) break;
        post.reactions = post.reactions.filter((o) => o.user_id !== r.user_id || o.emoji_name !== r.emoji_name || event === "reaction_added");
        if (event === "reaction_added" && !post.reactions.some((o) => o.user_id === r.user_id && o.emoji_name === r.emoji_name)) post.reactions.push(r);
        this.changed("reaction", post);
        break;
      }
      case "typing": {
        const users = this.typing.get(data.parent_id) ?? new Map();
        users.set(data.user_id, Date.now() + 6000);
        this.typing.set(data.parent_id, users);
        this.changed("typing");
        break;
      }
      case "user_updated":
        if (this.people.has(data.user.id)) this.people.get(data.user.id).username = data.user.username;
        this.changed("all");
        break;
    }
  }

  typists(root) {
    const users = this.typing.get(root);
    if (!users) return [];
    for (const [id, until] of users) if (until < Date.now()) users.delete(id);
    return [...users.keys()].map((id) => this.name(id));
  }

  name(id) { return this.people.get(id)?.username ?? "someone"; }
}
