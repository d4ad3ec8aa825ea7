// Makes the pictures of docs/ with the real ctpipe, its page and a real
// Chromium, and looks at what they show. Started by the Go test in cmd/ctpipe:
//   PAGE_URL  the printed URL with its one-use code    CHROMIUM  the browser
//   OUT       where the pictures go
import assert from "node:assert/strict";
import { join } from "node:path";
import { chromium } from "playwright-core";

const { PAGE_URL, CHROMIUM, OUT } = process.env;
const WAIT = 30000;
const step = (text) => console.log(`ok ${text}`);

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "light", deviceScaleFactor: 2 })).newPage();
page.setDefaultTimeout(WAIT);
const complaints = [];
page.on("pageerror", (e) => complaints.push(String(e)));

const id = (name) => page.getByTestId(name);
const posts = () => id("thread-posts").locator("[data-post-id]");
const ofKind = (kind) => id("thread-posts").locator(`[data-kind="${kind}"]`);
const withText = (text) => posts().filter({ hasText: text }).last();
const emoji = (post, name) => post.locator(`[data-testid="reaction"][data-emoji="${name}"]`);

async function eventually(what, f) {
  const end = Date.now() + WAIT;
  for (;;) {
    if (await f()) return;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((r) => setTimeout(r, 20));
  }
}

// picture is one post as the thread shows it.
async function picture(post, name) {
  await page.mouse.move(2, 2);
  await post.scrollIntoViewIfNeeded();
  await post.screenshot({ path: join(OUT, `${name}.png`) });
}

async function approve(words) {
  const card = ofKind("card").filter({ hasText: words }).last();
  await card.waitFor();
  await emoji(card, "+1").click();
  await card.filter({ hasText: "Allowed" }).waitFor();
}

// fits: nothing of the page is wider than the window.
const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

try {
  await page.goto(PAGE_URL);
  await page.locator('[data-testid="connection"][data-state="live"]').waitFor();
  await id("channel-composer").fill("@claude-code the clock test is flaky, can you mend it?");
  await id("channel-composer").press("Enter");

  const tasks = () => ofKind("tasks");
  await tasks().filter({ hasText: "Finding the flaky test" }).waitFor();
  await approve("sh test.sh");
  const bash = withText("Exit code 1");
  await bash.waitFor();
  assert.match(await bash.textContent(), /… 4\d more lines/, "the output is not folded");
  await picture(bash, "output");
  step("a command's output is folded, with its exit code");

  await approve("clock.go");
  const edit = ofKind("answer").filter({ hasText: "Edit" }).last();
  await eventually("the diff with its place", async () => (await edit.locator(".hunk").count()) === 1);
  assert.equal(await edit.locator(".add").count(), 4);
  assert.equal(await edit.locator(".del").count(), 1);
  await picture(edit, "diff");
  step("an edit is a coloured diff");

  const card = ofKind("card").filter({ hasText: "git push" }).last();
  await card.waitFor();
  await eventually("the seeds", async () => (await emoji(card, "-1").count()) === 1);
  assert.ok(await card.evaluate((n) => n.classList.contains("asks")), "an open card does not look open");
  assert.ok(!(await ofKind("card").first().evaluate((n) => n.classList.contains("asks"))), "an answered card looks open");
  await picture(card, "card");
  await page.screenshot({ path: join(OUT, "thread.png") });
  step("a card stands out until it is answered");

  const header = ofKind("header").first();
  await picture(header, "header");
  assert.match(await header.textContent(), /Directory/);

  await eventually("one list", async () => (await tasks().count()) === 1);
  assert.match(await tasks().textContent(), /1\/3 · 33%/);
  await picture(tasks(), "tasks");
  await emoji(tasks(), "arrow_down_small").click();
  await eventually("the folded list", async () => !(await tasks().textContent()).includes("Run everything again"));
  await emoji(tasks(), "arrow_down_small").click();
  await eventually("the whole list", async () => (await tasks().textContent()).includes("Run everything again"));
  step("the task list folds and unfolds by 🔽");

  await id("thread-composer").focus();
  await page.keyboard.press("ArrowUp");
  const focused = () => page.evaluate(() => document.activeElement.dataset.postId ?? document.activeElement.dataset.emoji ?? document.activeElement.id);
  const newest = await focused();
  assert.equal(newest, await posts().last().getAttribute("data-post-id"));
  await page.keyboard.press("ArrowUp");
  assert.notEqual(await focused(), newest);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("+");
  await id("picker").waitFor();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "two");
  await page.keyboard.press("Escape");
  await eventually("the picker to close", async () => (await id("picker").count()) === 0);
  step("arrows walk through posts and reactions");

  for (const name of ["question", "arrows_counterclockwise", "double_vertical_bar", "x"]) {
    await card.hover();
    await card.getByTestId("add-reaction").click();
    assert.equal(await id("picker").locator(`[data-emoji="${name}"]`).count(), 1, `the picker lacks ${name}`);
    await page.keyboard.press("Escape");
  }
  step("the picker has ❓ 🔄 ⏸️ ❌");

  await page.setViewportSize({ width: 390, height: 844 });
  await card.scrollIntoViewIfNeeded();
  assert.ok(await fits(), "the page is wider than a phone");
  await page.mouse.move(2, 2);
  await page.screenshot({ path: join(OUT, "phone.png") });
  await page.setViewportSize({ width: 1280, height: 900 });
  step("the thread fits a phone");

  await id("thread-file").setInputFiles([
    { name: "clock.log", mimeType: "text/plain", buffer: Buffer.from("12:00:00 tick\n12:00:00 tick\n") },
    { name: "clock.png", mimeType: "image/png", buffer: await header.screenshot() },
  ]);
  await id("thread-composer").fill("here is the log");
  await id("thread-composer").press("Enter");
  const sent = withText("here is the log");
  await sent.locator("img").waitFor();
  assert.equal(await sent.getByTestId("file").count(), 2);
  const [download] = await Promise.all([page.waitForEvent("download"), sent.getByTestId("file").first().click()]);
  assert.equal(download.suggestedFilename(), "clock.log");
  step("a file is a link, a picture is shown");
  assert.deepEqual(complaints, []);
} catch (err) {
  await page.screenshot({ path: join(OUT, "failed.png") });
  console.log(await id("thread-posts").innerText().catch(() => ""));
  throw err;
} finally {
  await browser.close();
}
