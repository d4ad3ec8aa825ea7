// markdown turns a message into nodes. It never parses HTML and loads nothing:
// tags stay text, images become links, links go to http, https and mailto only.
import { el } from "/page/dom.js";
import { inline } from "/page/inline.js";

const MAX_DEPTH = 12;
const FENCE = /^( {0,3})(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])\s*(?:\1\s*){2,}$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

export function markdown(text, context = {}, depth = 0) {
  const out = document.createDocumentFragment();
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  let i = 0;
  while (i < lines.length) {
    const line = lines[i];
    if (!line.trim()) { i++; continue; }
    const fence = line.match(FENCE);
    if (fence) { i = readFence(lines, i, fence, out); continue; }
    const heading = line.match(HEADING);
    if (heading) { out.append(el("h" + heading[1].length, {}, inline(heading[2], context))); i++; continue; }
    if (RULE.test(line)) { out.append(el("hr")); i++; continue; }
    if (/^ {0,3}>/.test(line) && depth < MAX_DEPTH) { i = readQuote(lines, i, out, context, depth); continue; }
    if (ITEM.test(line) && depth < MAX_DEPTH) { i = readList(lines, i, out, context, depth); continue; }
    if (line.includes("|") && i + 1 < lines.length && lines[i + 1].includes("-") && DIVIDER.test(lines[i + 1])) {
      i = readTable(lines, i, out, context);
      continue;
    }
    i = readParagraph(lines, i, out, context);
  }
  return out;
}

function startsBlock(line) {
  return !line.trim() || FENCE.test(line) || HEADING.test(line) || RULE.test(line) || /^ {0,3}>/.test(line) || ITEM.test(line);
}

function readParagraph(lines, i, out, context) {
  const from = i++;
  while (i < lines.length && !startsBlock(lines[i])) {
    if (lines[i].includes("|") && i + 1 < lines.length && lines[i + 1].includes("-") && DIVIDER.test(lines[i + 1])) break;
    i++;
  }
  out.append(el("p", {}, inline(lines.slice(from, i).join("\n").trim(), context)));
  return i;
}

// A fence that is still open ends with the message: Claude is writing it.
function readFence(lines, i, fence, out) {
  const [, indent, mark, language] = fence;
  const body = [];
  for (i++; i < lines.length; i++) {
    const t = lines[i].trim();
    if (t.length >= mark.length && t === mark[0].repeat(t.length)) { i++; break; }
    body.push(lines[i].startsWith(indent) ? lines[i].slice(indent.length) : lines[i]);
  }
  out.append(codeBlock(body, language.toLowerCase()));
  return i;
}

function codeBlock(body, language) {
  const code = el("code");
  if (language === "diff" || language === "patch") {
    for (const line of body) code.append(el("span", { class: "line " + diffClass(line) }, line || " "));
  } else {
    code.append(body.join("\n"));
  }
  const copy = el("button", { type: "button", class: "copy", "aria-label": "Copy the code" }, "Copy");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(body.join("\n"));
    copy.textContent = "Copied";
  });
  return el("div", { class: "fence", "data-language": language || "text" },
    el("div", { class: "lang" }, el("span", {}, language || "text"), copy),
    el("pre", { tabindex: "0", "aria-label": `${language || "text"} code` }, code));
}

function diffClass(line) {
  if (line.startsWith("@@")) return "hunk";
  if (line.startsWith("+") && !line.startsWith("+++")) return "add";
  if (line.startsWith("-") && !line.startsWith("---")) return "del";
  return "same";
}

function readQuote(lines, i, out, context, depth) {
  const inner = [];
  while (i < lines.length && /^ {0,3}>/.test(lines[i])) inner.push(lines[i++].replace(/^ {0,3}> ?/, ""));
  out.append(el("blockquote", {}, markdown(inner.join("\n"), context, depth + 1)));
  return i;
}

function readList(lines, i, out, context, depth) {
  const first = lines[i].match(ITEM);
  const base = first[1].length;
  const ordered = /\d/.test(first[2]);
  const list = el(ordered ? "ol" : "ul", ordered && parseInt(first[2], 10) !== 1 ? { start: parseInt(first[2], 10) } : {});
  while (i < lines.length) {
    const item = lines[i].match(ITEM);
    if (!item || item[1].length < base || item[1].length > base + 1 || /\d/.test(item[2]) !== ordered) break;
    const inner = [item[3]];
    const indent = base + item[2].length + 1;
    for (i++; i < lines.length; i++) {
      const blank = !lines[i].trim();
      const deep = lines[i].search(/\S/) >= Math.min(indent, base + 2);
      if (blank ? !(i + 1 < lines.length && lines[i + 1].search(/\S/) >= base + 2) : !deep && startsBlock(lines[i])) break;
      inner.push(deep ? lines[i].slice(Math.min(indent, lines[i].search(/\S/))) : lines[i]);
    }
    list.append(listItem(inner, context, depth));
    if (i < lines.length && !lines[i].trim() && i + 1 < lines.length && ITEM.test(lines[i + 1])) i++;
  }
  out.append(list);
  return i;
}

function listItem(inner, context, depth) {
  const task = inner[0].match(/^\[([ xX])\]\s+(.*)$/);
  if (task) inner[0] = (task[1] === " " ? "⬜ " : "✅ ") + task[2];
  const li = el("li", task ? { class: "task" } : {});
  if (inner.length === 1) li.append(inline(inner[0], context));
  else li.append(markdown(inner.join("\n"), context, depth + 1));
  return li;
}

function cells(line) {
  const out = [""];
  let code = false;
  const row = line.trim().replace(/^\|/, "").replace(/(^|[^\\])\|$/, "$1");
  for (let i = 0; i < row.length; i++) {
    if (row[i] === "\\" && row[i + 1] === "|") { out[out.length - 1] += "|"; i++; continue; }
    if (row[i] === "`") code = !code;
    if (row[i] === "|" && !code) out.push("");
    else out[out.length - 1] += row[i];
  }
  return out.map((c) => c.trim());
}

function readTable(lines, i, out, context) {
  const head = cells(lines[i]);
  const align = cells(lines[i + 1]).map((c) => (/^:-+:$/.test(c) ? "center" : /-:$/.test(c) ? "right" : ""));
  const row = (tag, values) => el("tr", {}, ...head.map((_, n) => el(tag, { "data-align": align[n] || null }, inline(values[n] ?? "", context))));
  const table = el("table");
  if (head.some(Boolean)) table.append(el("thead", {}, row("th", head)));
  const body = el("tbody");
  for (i += 2; i < lines.length && lines[i].includes("|") && lines[i].trim(); i++) body.append(row("td", cells(lines[i])));
  table.append(body);
  out.append(el("div", { class: "tablewrap" }, table));
  return i;
}
