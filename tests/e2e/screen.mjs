// The steps that several tests share, in the words of a person at the screen.
import assert from "node:assert/strict";

const READING_LIMIT_MS = 240_000;
const ANSWER_LIMIT_MS = 180_000;
const SETTLING_LIMIT_MS = 15_000;

/** From the first screen to an empty list of files. */
export async function begin(page, url) {
  await page.goto(url);
  await page.locator(".first-run .primary").click();
  await page.waitForURL(/\/files$/);
}

export async function addFiles(page, ...files) {
  await page.locator("input[type=file][multiple]").setInputFiles(files);
}

/** From the list of files to the preview of the cutting, and there: the screens change a moment after the click. */
export async function openPreview(page) {
  await page.locator(".add-ways a").click();
  await page.locator(".preview").waitFor();
}

export async function previewFile(page, file) {
  await page.locator(".preview input[type=file]").setInputFiles(file);
}

export async function leavePreview(page) {
  await page.locator("a", { hasText: "Back to the files" }).click();
  await page.locator(".preview").waitFor({ state: "detached" });
}

/** Looks again until `check` holds, for what the page does a moment later than the click. */
export async function eventually(check, what) {
  const limit = Date.now() + SETTLING_LIMIT_MS;
  while (!(await check())) {
    assert.ok(Date.now() < limit, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function row(page, name) {
  return page.locator(".file", { hasText: name });
}

export async function untilRead(page, name) {
  await page.locator(".file[data-status=ready]", { hasText: name }).waitFor({ timeout: READING_LIMIT_MS });
}

export async function openSection(page, number) {
  await page.locator(".sections a").nth(number).click();
}

/** Asks in the page and gives back the finished answer, as the page keeps it for the session. */
export async function ask(page, question) {
  await page.locator("textarea").fill(question);
  const before = await page.locator(".turn").count();
  await page.keyboard.press("Enter");
  const turn = page.locator(".turn").nth(before);
  await turn.locator(".turn-foot, .failure").first().waitFor({ timeout: ANSWER_LIMIT_MS });
  const failure = turn.locator(".failure");
  assert.equal(await failure.count(), 0, (await failure.count()) > 0 ? await failure.innerText() : "");
  const kept = await page.waitForFunction(
    ([kb, number]) => JSON.parse(sessionStorage.getItem(`wenyuan.conversation.${kb}`) ?? "[]")[number]?.answer,
    [knowledgeBaseOf(page), before],
  );
  return kept.jsonValue();
}

const knowledgeBaseOf = (page) => decodeURIComponent(/\/kb\/([^/]+)/.exec(page.url())[1]);

/** The documents as the API lists them. */
export async function documents(page) {
  const base = `${new URL(page.url()).origin}/api/v1/knowledge-bases/${knowledgeBaseOf(page)}/documents`;
  const list = await (await fetch(base)).json();
  const text = async (id) => (await fetch(`${base}/${id}/text`)).text();
  return { list: list.documents, text };
}

export async function hasNoSidewaysScroll(page, where) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${where} is ${content} px wide in a window of ${window} px`);
}
