// Drives the playground's page with a real Chromium. Started by the Go test in
// internal/playground, which passes in the environment:
//   PAGE_URL    the page with its one-use code      API_URL, BOT_TOKEN  the bot's API
//   CHANNEL     the channel's id                     CHROMIUM            the browser
//   OUT         where screenshots go
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const { PAGE_URL, API_URL, BOT_TOKEN, CHANNEL, CHROMIUM, OUT } = process.env;
const WAIT = 15000;

async function bot(method, path, body) {
  const res = await fetch(`${API_URL}/api/v4${path}`, {
    method, headers: { Authorization: `Bearer ${BOT_TOKEN}`, "Content-Type": "application/json" }, body: body && JSON.stringify(body),
  });
  assert.ok(res.ok, `${method} ${path}: ${res.status} ${res.ok ? "" : await res.text()}`);
  return res.json();
}

async function eventually(what, f) {
  const end = Date.now() + WAIT;
  for (let last; ; await new Promise((r) => setTimeout(r, 20))) {
    try { const v = await f(); if (v) return v; last = v; } catch (err) { last = err; }
    if (Date.now() > end) throw new Error(`waited in vain: ${what}: ${last}`);
  }
}

const post = (root, message) => bot("POST", "/posts", { channel_id: CHANNEL, root_id: root, message });
const react = async (id, name) => bot("POST", "/reactions", { user_id: (await bot("GET", "/users/me")).id, post_id: id, emoji_name: name });

const ANSWER = `Three packages do the work:

| package | what it does | lines |
|:--|:--|--:|
| \`pipeline\` | the event, its verdicts and the stages | 612 |
| \`stages\` | one file per stage, in reading order | 934 |
| \`internal/shell\` | a command line becomes facts | 1 208 |

A tool call is judged **before** Claude may run it; see [the design](https://docs.example.org/ctpipe/design).`;

const CARD = `⚠️ **Permission requested**

\`\`\`bash
git switch -c fix/flaky-clock && go test ./pipeline/... -run Clock -count=20
\`\`\`
*Asked because* \`go test\` runs code of this tree (rule \`tests-need-a-yes\`)

👍 Allow | ✅ Allow all | 👎 Deny`;

const DIFF = `✏️ **Edit** \`pipeline/clock.go\`
\`\`\`diff
@@ -41,3 +41,3 @@
 func (c *Clock) Next() Time {
-	return c.now()
+	return max(c.now(), c.last+1)
 }
\`\`\``;

const HOSTILE = `<img src=x onerror="window.owned=1"> <script>window.owned=2</script>
<b onmouseover=alert(1)>bold</b> [click](javascript:window.owned=3) [data](data:text/html,<script>1</script>)
![pixel](https://evil.example/pixel.png) [real](https://good.example/path) [x](vbscript:1) [y]( java\tscript:alert(1) )
<svg/onload=window.owned=4> \`<i>code</i>\` [creds](https://admin:pw@evil.example/)
| a | <img src=x onerror=window.owned=5> |
|---|---|
| b | [z](JaVaScRiPt:window.owned=6) |

\`\`\`html"><img src=x onerror=window.owned=7>
<script>window.owned=8</script>
\`\`\`
@everyone :no_such_emoji: :+1: ${"*".repeat(500)} ${"[".repeat(500)}`;

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light" });
const page = await context.newPage();
page.setDefaultTimeout(WAIT);
const complaints = [];
const foreign = [];
page.on("pageerror", (e) => complaints.push(String(e)));
page.on("console", (m) => { if (m.type() === "error") complaints.push(m.text()); });
page.on("request", (r) => { if (!r.url().startsWith(API_URL) && !r.url().startsWith("blob:")) foreign.push(r.url()); });
page.on("dialog", (d) => { complaints.push(`dialog ${d.message()}`); d.dismiss(); });

const id = (name) => page.getByTestId(name);
const inThread = (postID) => id("thread-posts").locator(`[data-post-id="${postID}"]`);
const live = () => page.locator('[data-testid="connection"][data-state="live"]').waitFor();
const shot = (name) => page.screenshot({ path: join(OUT, name) });
const step = (text) => console.log(`ok ${text}`);

try {
  await page.goto(PAGE_URL);
  await live();
  assert.equal(new URL(page.url()).hash, "", "the code stays in the address");
  assert.equal(await page.evaluate(() => document.cookie), "");
  await id("empty").waitFor();
  await shot("empty.png");
  step("the code opens the page and leaves the address");

  await id("channel-composer").fill("@claude-code the clock test is flaky, can you fix it?");
  await id("channel-composer").press("Enter");
  const root = await eventually("alice's post", async () => (await bot("GET", `/channels/${CHANNEL}/posts`)).order[0]);
  assert.equal((await bot("GET", `/posts/${root}`)).message, "@claude-code the clock test is flaky, can you fix it?");
  await id("thread").waitFor();
  step("alice posts and her thread opens");

  await bot("POST", "/users/me/typing", { channel_id: CHANNEL, parent_id: root }).catch(() => {});
  await page.getByText("claude-code is typing").waitFor();
  const answer = await post(root, "Three");
  const body = inThread(answer.id).getByTestId("post-body");
  await body.waitFor();
  let seen = 0;
  for (let n = 20; n < ANSWER.length + 20; n += 60) {
    await bot("PUT", `/posts/${answer.id}/patch`, { message: ANSWER.slice(0, n) });
    await eventually("the edit to show", async () => (await body.textContent()).length > seen || n > 20);
    seen = (await body.textContent()).length;
  }
  await eventually("the table", async () => (await body.locator("td").count()) === 9);
  assert.equal(await body.locator("strong").textContent(), "before");
  assert.equal(await body.locator("a").getAttribute("href"), "https://docs.example.org/ctpipe/design");
  assert.equal(await body.locator(".host").textContent(), "docs.example.org");
  step("the bot's answer grows by edits of one post, as markdown");

  const diff = await post(root, DIFF);
  await inThread(diff.id).waitFor();
  assert.equal(await inThread(diff.id).locator(".fence .add").count(), 1);
  assert.equal(await inThread(diff.id).locator(".fence .del").count(), 1);
  const card = await post(root, CARD);
  for (const name of ["+1", "white_check_mark", "-1"]) await react(card.id, name);
  const thumb = inThread(card.id).locator('[data-testid="reaction"][data-emoji="+1"]');
  await eventually("three buttons", async () => (await inThread(card.id).getByTestId("reaction").count()) === 3);
  assert.equal(await inThread(card.id).locator('[data-testid="reaction"]').first().textContent(), "👍1");
  await page.mouse.move(2, 2);
  await shot("playground.png");
  await page.emulateMedia({ colorScheme: "dark" });
  await shot("playground-dark.png");
  await page.emulateMedia({ colorScheme: "light" });

  await thumb.click();
  const count = (n) => eventually(`${n} thumbs`, async () => (await bot("GET", `/posts/${card.id}/reactions`)).filter((r) => r.emoji_name === "+1").length === n);
  await count(2);
  await page.locator(`[data-post-id="${card.id}"] [data-emoji="+1"][aria-pressed="true"][data-count="2"]`).waitFor();
  await thumb.click();
  await count(1);
  await inThread(card.id).getByTestId("add-reaction").click();
  await id("picker").locator('[data-emoji="eyes"]').click();
  await eventually("eyes", async () => (await bot("GET", `/posts/${card.id}/reactions`)).some((r) => r.emoji_name === "eyes"));
  step("reactions are toggled and picked, and the API sees them");

  await id("thread-composer").fill("line one");
  await id("thread-composer").press("Shift+Enter");
  await id("thread-composer").pressSequentially("line two");
  await id("thread-file").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello file") });
  await id("thread-composer").press("Enter");
  const reply = await eventually("the reply", async () => Object.values((await bot("GET", `/posts/${root}/thread`)).posts).find((p) => p.message === "line one\nline two"));
  assert.equal(reply.metadata.files[0].name, "notes.txt");
  await inThread(reply.id).getByTestId("file").waitFor();
  step("a reply with two lines and a file");

  await id("person-mallory").click();
  await eventually("mallory", () => page.evaluate(() => document.body.dataset.me === "mallory"));
  await live();
  await id("thread-composer").fill("let me in");
  await id("thread-composer").press("Enter");
  const strange = await eventually("mallory's reply", async () => Object.values((await bot("GET", `/posts/${root}/thread`)).posts).find((p) => p.message === "let me in"));
  assert.equal((await bot("GET", `/users/${strange.user_id}`)).username, "mallory");
  step("mallory writes as mallory");

  const hostile = await post(root, HOSTILE);
  const bad = inThread(hostile.id).getByTestId("post-body");
  await bad.waitFor();
  assert.equal(await bad.locator("img, script, svg, i, b, iframe").count(), 0, "HTML came through");
  const links = await bad.locator("a").evaluateAll((all) => all.map((a) => a.href));
  assert.deepEqual(links.sort(), ["https://evil.example/pixel.png", "https://good.example/path"]);
  for (const rel of await bad.locator("a").evaluateAll((all) => all.map((a) => a.rel))) assert.match(rel, /noopener.*noreferrer/);
  assert.match(await bad.textContent(), /<img src=x onerror=/);
  assert.equal(await page.evaluate(() => window.owned), undefined, "hostile text ran");
  const long = await post(root, "x".repeat(3000) + " **" + "_a*".repeat(4000));
  await inThread(long.id).waitFor();
  step("hostile markdown is inert");

  await bot("DELETE", `/posts/${long.id}`);
  await inThread(long.id).waitFor({ state: "detached" });
  writeFileSync(join(OUT, "drop"), ""); // the Go test cuts every socket when it sees this
  await eventually("the cut", () => page.evaluate(() => document.querySelector("#connection").dataset.state !== "live"));
  const meanwhile = await post(root, "said while the page was away");
  await live();
  await inThread(meanwhile.id).waitFor();
  step("the page reconnects by itself and catches up");

  await page.reload();
  await live();
  assert.equal(await page.evaluate(() => document.body.dataset.me), "mallory");
  await id("open-thread").first().click();
  await inThread(meanwhile.id).waitFor();
  step("a reload keeps the key and the person");

  await page.setViewportSize({ width: 420, height: 800 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the narrow page scrolls sideways");
  await shot("narrow.png");
  await id("thread-close").click();
  await id("channel-composer").waitFor();
  await shot("narrow-channel.png");
  step("the narrow page holds one pane");

  const second = await context.newPage();
  await second.goto(PAGE_URL);
  await second.getByTestId("locked").waitFor();
  await second.screenshot({ path: join(OUT, "locked.png") });
  step("the used code opens nothing in another tab");

  assert.deepEqual(foreign, [], "the page asked another server");
  assert.deepEqual(complaints.filter((c) => !/ERR_CONNECTION|WebSocket/.test(c)), [], "the page complained");
  step("nothing was loaded from elsewhere");
} catch (err) {
  await shot("failed.png").catch(() => {});
  console.error(err, complaints);
  process.exitCode = 1;
} finally {
  await browser.close();
}
