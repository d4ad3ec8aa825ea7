// api talks to the playground: the one-use code becomes a key, the key becomes
// a person's token, and the rest is Mattermost's REST API.
const KEY = "ctpipe-playground-key";

export class APIError extends Error {
  constructor(status, id, message) {
    super(message);
    this.status = status;
    this.id = id;
  }
}

async function call(method, path, token, body, headers = {}) {
  const init = { method, headers: { Authorization: `Bearer ${token}`, ...headers }, cache: "no-store", credentials: "omit" };
  if (body instanceof FormData) init.body = body;
  else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers["Content-Type"] = "application/json";
  }
  const res = await fetch(path, init);
  if (!res.ok) {
    let detail = {};
    try { detail = await res.json(); } catch { /* not JSON: the status says enough */ }
    throw new APIError(res.status, detail.id ?? "", detail.message ?? `The server answered ${res.status}.`);
  }
  return res;
}

// unlock gives the key of this tab, or null when there is none: the code in the
// address is taken out of it at once, so that it stays in no history entry.
export async function unlock() {
  const code = location.hash.slice(1);
  if (/^[\w-]{20,}$/.test(code)) {
    history.replaceState(null, "", location.pathname);
    try {
      const res = await call("POST", "/playground/key", "", { code });
      sessionStorage.setItem(KEY, (await res.json()).key);
    } catch (err) {
      if (!(err instanceof APIError)) throw err;
    }
  }
  return sessionStorage.getItem(KEY);
}

export const people = async (key) => (await call("GET", "/playground/people", key)).json();
export const actAs = async (key, user) => (await call("POST", "/playground/act", key, { user })).json();

// Client is the API as one person.
export class Client {
  constructor(token, me) {
    this.token = token;
    this.me = me;
  }

  async json(method, path, body) { return (await call(method, "/api/v4" + path, this.token, body)).json(); }

  async posts(channel) {
    const all = [];
    for (let page = 0; ; page++) {
      const list = await this.json("GET", `/channels/${channel}/posts?page=${page}&per_page=200`);
      all.push(...list.order.map((id) => list.posts[id]));
      if (list.order.length < 200) return all.reverse();
    }
  }

  create(post) { return this.json("POST", "/posts", { ...post, pending_post_id: `${this.me}:${crypto.randomUUID()}` }); }
  remove(post) { return this.json("DELETE", `/posts/${post}`); }
  react(post, name) { return this.json("POST", "/reactions", { user_id: this.me, post_id: post, emoji_name: name }); }
  unreact(post, name) { return this.json("DELETE", `/users/me/posts/${post}/reactions/${encodeURIComponent(name)}`); }

  async upload(channel, file) {
    const form = new FormData();
    form.append("channel_id", channel);
    form.append("files", file, file.name);
    return (await this.json("POST", "/files", form)).file_infos[0];
  }

  async file(id) { return (await call("GET", `/api/v4/files/${id}`, this.token)).blob(); }
}
