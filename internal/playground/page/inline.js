// inline turns a run of text into nodes: code, emphasis, links, mentions, emoji.
import { el } from "/page/dom.js";
import { emoji } from "/page/emoji.js";

const MAX_DEPTH = 8;
const WORD = /[\p{L}\p{N}_]/u;

export function inline(text, context, depth = 0) {
  const out = document.createDocumentFragment();
  const missing = new Set(); // closers that do not come any more: keeps this linear
  let plain = "";
  const flush = () => { if (plain) out.append(plain); plain = ""; };
  const add = (node) => { flush(); out.append(node); };
  for (let i = 0; i < text.length;) {
    const hit = depth < MAX_DEPTH ? token(text, i, context, depth, missing) : null;
    if (hit) { add(hit.node); i = hit.end; continue; }
    if (text[i] === "\n") add(el("br"));
    else if (text[i] === "\\" && /[!-/:-@[-`{-~]/.test(text[i + 1] ?? "")) plain += text[++i];
    else plain += text[i];
    i++;
  }
  flush();
  return out;
}

function token(text, i, context, depth, missing) {
  switch (text[i]) {
    case "`": return codeSpan(text, i, missing);
    case "*": case "_": case "~": return emphasis(text, i, context, depth, missing);
    case "!": return text[i + 1] === "[" ? link(text, i + 1, context, depth, true) : null;
    case "[": return link(text, i, context, depth, false);
    case "h": case "H": return bareURL(text, i);
    case "@": return mention(text, i, context);
    case ":": return shortName(text, i);
  }
  return null;
}

function find(text, what, from, missing) {
  if (missing.has(what)) return -1;
  const at = text.indexOf(what, from);
  if (at < 0) missing.add(what);
  return at;
}

function codeSpan(text, i, missing) {
  let n = 1;
  while (text[i + n] === "`") n++;
  const mark = "`".repeat(n);
  let end = find(text, mark, i + n, missing);
  while (end >= 0 && text[end + n] === "`") {
    let past = end;
    while (text[past] === "`") past++;
    end = find(text, mark, past, missing);
  }
  if (end < 0) return { node: document.createTextNode(mark), end: i + n };
  let body = text.slice(i + n, end).replace(/\n/g, " ");
  if (body.length > 2 && body.startsWith(" ") && body.endsWith(" ") && body.trim()) body = body.slice(1, -1);
  return { node: el("code", {}, body), end: end + n };
}

const KINDS = [["**", "strong"], ["__", "strong"], ["~~", "del"], ["*", "em"], ["_", "em"]];

function emphasis(text, i, context, depth, missing) {
  for (const [mark, tag] of KINDS) {
    if (!text.startsWith(mark, i)) continue;
    const from = i + mark.length;
    if (!text[from] || /\s/.test(text[from]) || text[from] === mark[0]) continue;
    if (mark[0] === "_" && i > 0 && WORD.test(text[i - 1])) continue;
    for (let end = find(text, mark, from + 1, missing); end > 0; end = find(text, mark, end + 1, missing)) {
      if (/\s/.test(text[end - 1])) continue;
      if (mark.length === 1 && (text[end + 1] === mark || text[end - 1] === mark)) continue;
      if (mark[0] === "_" && WORD.test(text[end + mark.length] ?? "")) continue;
      return { node: el(tag, {}, inline(text.slice(from, end), context, depth + 1)), end: end + mark.length };
    }
  }
  return null;
}

function safeURL(raw) {
  try {
    const url = new URL(raw);
    return ["http:", "https:", "mailto:"].includes(url.protocol) && !url.username && !url.password ? url : null;
  } catch { return null; }
}

function anchor(url, ...content) {
  return el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow" }, ...content);
}

// link shows the host beside a text that could say anything; an image is not
// loaded but linked. A link to a post of this chat opens its thread.
function link(text, i, context, depth, image) {
  const window = text.slice(i, i + 2600);
  const m = window.match(/^\[((?:[^[\]\\\n]|\\.|\[[^[\]\n]*\]){0,500})\]\(\s*<?([^\s()<>]{0,2000}(?:\([^\s()<>]{0,200}\)[^\s()<>]{0,200})?)>?(?:\s+"[^"\n]{0,200}")?\s*\)/);
  if (!m) return null;
  const [whole, label, target] = m;
  const end = i + whole.length;
  const permalink = target.match(/\/pl\/([a-z0-9]{26})(?:\?|$)/);
  if (permalink && target.startsWith("/")) {
    return { node: el("a", { href: "#", "data-open-post": permalink[1] }, inline(label || "thread", context, depth + 1)), end };
  }
  const url = safeURL(target);
  if (!url) return { node: document.createTextNode(text.slice(image ? i - 1 : i, end)), end };
  const shown = inline(label || target, { ...context, nested: true }, depth + 1);
  const host = url.protocol === "mailto:" ? url.pathname : url.host;
  const node = el("span", image ? { class: "image" } : {}, image ? "🖼 " : "", anchor(url, shown));
  if (label.trim() !== target && label.trim() !== host) node.append(el("span", { class: "host" }, host));
  return { node, end };
}

function bareURL(text, i) {
  if (i > 0 && WORD.test(text[i - 1])) return null;
  const m = text.slice(i, i + 2048).match(/^https?:\/\/[^\s<>"'`|]+/i);
  if (!m) return null;
  let raw = m[0].replace(/[.,;:!?*_~\]]+$/, "");
  if (raw.endsWith(")") && !raw.includes("(")) raw = raw.slice(0, -1);
  const url = safeURL(raw);
  return url ? { node: anchor(url, raw), end: i + raw.length } : null;
}

function mention(text, i, context) {
  if (i > 0 && WORD.test(text[i - 1])) return null;
  const m = text.slice(i, i + 80).match(/^@([a-z0-9](?:[\w.-]*[a-z0-9])?)/i);
  if (!m || !context.known?.(m[1].toLowerCase())) return null;
  const me = m[1].toLowerCase() === context.me;
  return { node: el("span", { class: me ? "mention me" : "mention" }, m[0]), end: i + m[0].length };
}

function shortName(text, i) {
  const m = text.slice(i, i + 68).match(/^:([a-z0-9_+-]{1,64}):/i);
  const shown = m && emoji(m[1]);
  return shown ? { node: el("span", { class: "emoji", role: "img", "aria-label": m[1] }, shown), end: i + m[0].length } : null;
}
