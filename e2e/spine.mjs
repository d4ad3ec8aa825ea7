// Drives the real ctpipe, its playground page and an agent with a real
// Chromium, as a person would. Started by the Go test in cmd/ctpipe:
//   PAGE_URL  the printed URL with its one-use code    CHROMIUM  the browser
//   RULES     rules.toml, to be edited while it runs   OUT       where screenshots go
import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const { PAGE_URL, CHROMIUM, OUT, RULES } = process.env;
const WAIT = 30000;
const step = (text) => console.log(`ok ${text}`);

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 }, colorScheme: "light" })).newPage();
page.setDefaultTimeout(WAIT);
const complaints = [];
page.on("pageerror", (e) => complaints.push(String(e)));

const id = (name) => page.getByTestId(name);
const posts = () => id("thread-posts").locator("[data-post-id]");
const withText = (text) => posts().filter({ hasText: text }).last();

async function eventually(what, f) {
  const end = Date.now() + WAIT;
  for (;;) {
    if (await f()) return;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((r) => setTimeout(r, 20));
  }
}

async function say(text) {
  await id("thread-composer").fill(text);
  await id("thread-composer").press("Enter");
}

// click reacts to a card whose seeds are all there.
async function click(card, emoji, seeds) {
  await eventually("the seeds", async () => (await card.getByTestId("reaction").count()) === seeds);
  await card.locator(`[data-testid="reaction"][data-emoji="${emoji}"]`).click();
}

function save(text) {
  writeFileSync(`${RULES}.tmp`, text);
  renameSync(`${RULES}.tmp`, RULES);
}

try {
  await page.goto(PAGE_URL);
  await page.locator('[data-testid="connection"][data-state="live"]').waitFor();
  await id("channel-composer").fill("@claude-code explain this repo");
  await id("channel-composer").press("Enter");
  const answer = withText("This repository");
  await answer.waitFor();
  const post = await answer.getAttribute("data-post-id");
  const early = (await answer.textContent()).length;
  await eventually("the whole answer", async () => (await answer.textContent()).includes("That is all there is."));
  assert.ok((await answer.textContent()).length > early, "the answer did not grow");
  assert.equal(await answer.getAttribute("data-post-id"), post, "the answer moved to another post");
  step("a mention is answered, and the answer grows in one post");

  await say("make a release note");
  const card = withText("Permission requested");
  await card.waitFor();
  assert.match(await card.textContent(), /printf 'first release\\n' >> CHANGELOG\.md/);
  await page.mouse.move(2, 2);
  await eventually("three seeds", async () => (await card.getByTestId("reaction").count()) === 3);
  await page.screenshot({ path: join(OUT, "playground.png") });
  await click(card, "+1", 3);
  await withText("Allowed by").waitFor();
  await withText("The note is in CHANGELOG.md").waitFor();
  step("a command is asked for with its whole text, and 👍 lets it run");

  await say("push it over what is there");
  const second = withText("git push");
  await withText("Denied").waitFor();
  await withText("I will open a pull request instead").waitFor();
  step("a rule's denial reaches Claude and the thread");

  await say("touch a file");
  const third = withText("Permission requested");
  await third.waitFor();
  await click(third, "-1", 3);
  await withText("Denied by").waitFor();
  await withText("Then not.").waitFor();
  step("👎 denies");

  const rules = readFileSync(RULES, "utf8");
  save(`${rules}
[[rule]]
id   = "touching-is-fine"
on   = "tool"
when = 'tool.name == "Bash" and not tool.opaque and len(tool.commands) > 0 and all(tool.commands, .prog == "touch")'
then = "allow"
`);
  writeFileSync(join(OUT, "saved"), "");
  await eventually("ctpipe to say so", async () => readFileSync(join(OUT, "log"), "utf8").includes("rules.toml → rev "));
  const cards = await posts().filter({ hasText: "Permission requested" }).count();
  await say("touch another");
  await withText("It is there, and nobody was asked.").waitFor();
  assert.equal(await posts().filter({ hasText: "Permission requested" }).count(), cards, "a card came although a rule allows it");
  step("a saved rule lets the next call run without a card");
  assert.deepEqual(complaints, []);
} catch (err) {
  await page.screenshot({ path: join(OUT, "failed.png") });
  console.log(await id("thread-posts").innerText().catch(() => ""));
  throw err;
} finally {
  await browser.close();
}
