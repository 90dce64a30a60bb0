// The ways of a file: locked, failed and read again, looked at before it is added, fetched from an address, and its pages.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { openPage, startBrowser } from "./browser.mjs";
import { damaged, enFile, locked, questionAbout, twoPages, zhFile } from "./fixtures.mjs";
import { addFiles, begin, documents, eventually, leavePreview, openPreview, openSection, previewFile, row, untilRead } from "./screen.mjs";
import { startServer } from "./server.mjs";

const READING_LIMIT_MS = 120_000;

describe("files on their way in", () => {
  let server, browser, page, complaints, zh, en;

  before(async () => {
    [server, browser, zh, en] = await Promise.all([startServer(), startBrowser(), zhFile(), enFile()]);
    ({ page, complaints } = await openPage(browser, server.url, { locale: "en-GB" }));
    await begin(page, server.url);
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("a locked file asks for its password, is kind about a wrong one and opens with the right one", async () => {
    const { file, password } = locked;
    await addFiles(page, file);
    const field = row(page, file.name).locator("input[type=password]");
    await field.waitFor({ timeout: READING_LIMIT_MS });
    await field.fill("barrel-and-rope");
    await page.keyboard.press("Enter");
    await row(page, file.name).locator(".password [role=alert]").waitFor({ timeout: READING_LIMIT_MS });
    await field.fill(password);
    await page.keyboard.press("Enter");
    await untilRead(page, file.name);
    const { list, text } = await documents(page);
    const read = await text(list.find(({ name }) => name === file.name).id);
    assert.ok(read.length > 100, "its text has been read");
    assert.ok(!JSON.stringify(list).includes(password), "the password is not told again");
  });

  it("a file that failed stands first and can be read again", async () => {
    await addFiles(page, damaged);
    const failed = row(page, damaged.name);
    await failed.locator(".file-reason").waitFor({ timeout: READING_LIMIT_MS });
    assert.match(await page.locator(".file").first().innerText(), new RegExp(damaged.name));
    const retried = page.waitForResponse((response) => response.url().endsWith("/retry"));
    await failed.locator("button", { hasText: "Read again" }).click();
    assert.equal((await retried).status(), 200);
    await failed.locator(".file-reason").waitFor({ timeout: READING_LIMIT_MS });
    await page.locator(".summary", { hasText: "1 failed" }).waitFor();
    const again = page.waitForResponse((response) => response.url().endsWith("/retry"));
    await page.locator(".summary button", { hasText: "Retry all failed" }).click();
    assert.equal((await again).status(), 200);
    await failed.locator(".file-reason").waitFor({ timeout: READING_LIMIT_MS });
  });

  it("a file is looked at as it would be cut, then added with its preset and tags", async () => {
    await page.locator(".options summary").click();
    await page.locator(".options input:not([type=checkbox])").fill("weather, island");
    await openPreview(page);
    const before = (await documents(page)).list.length;
    await previewFile(page, zh);
    await page.locator(".cut-passage").first().waitFor({ timeout: READING_LIMIT_MS });
    assert.match(await page.locator(".cut-tokens").first().innerText(), /^\d+ tokens?$/);
    assert.match(await page.locator(".cut-place").first().innerText(), /page 1/);
    assert.ok((await page.locator(".cut-text").first().innerText()).length > 4);
    assert.match(await page.locator(".cut-head").innerText(), /PDF · Simplified Chinese/);
    assert.equal((await documents(page)).list.length, before, "looking adds nothing");
    const cutAgain = page.waitForResponse((response) => response.url().endsWith("/api/v1/split"));
    await page.locator(".preview-settings select").selectOption("manual");
    assert.equal((await cutAgain).status(), 200);
    await page.locator(".cut-head", { hasText: "cut as: Manual" }).waitFor({ timeout: READING_LIMIT_MS });
    await page.locator("button", { hasText: "Add to this knowledge base" }).click();
    await page.waitForURL(/\/files$/);
    await untilRead(page, zh.name);
    const added = (await documents(page)).list.find(({ name }) => name === zh.name);
    assert.deepEqual([...added.tags].sort(), ["island", "weather"]);
    assert.equal(added.preset, "manual");
    await row(page, zh.name).locator(".tag", { hasText: "island" }).waitFor();
  });

  it("a file dropped on the preview is looked at and not added", async () => {
    const before = (await documents(page)).list.length;
    await openPreview(page);
    await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["# Rope store\n\nThe rope store has three shelves and one ladder.\n"], "rope-store.md"));
      for (const type of ["dragenter", "dragover", "drop"]) {
        window.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      }
    });
    await page.locator(".cut-text", { hasText: "three shelves" }).waitFor({ timeout: READING_LIMIT_MS });
    assert.match(page.url(), /\/files\/preview$/);
    assert.equal((await documents(page)).list.length, before);
    await leavePreview(page);
  });

  it("a locked file can be looked at with its password", async () => {
    await openPreview(page);
    await previewFile(page, locked.file);
    await page.locator(".password input").waitFor({ timeout: READING_LIMIT_MS });
    await page.locator(".password input").fill(locked.password);
    await page.keyboard.press("Enter");
    await page.locator(".cut-passage").first().waitFor({ timeout: READING_LIMIT_MS });
    await leavePreview(page);
  });

  it("an address of this computer is refused in words, and stays there to be mended", async () => {
    await page.locator("button", { hasText: "Add a web address" }).click();
    const dialog = page.locator("dialog[open]");
    await dialog.locator("input").fill("http://127.0.0.1/handbook.html");
    await page.keyboard.press("Enter");
    await dialog.locator(".failure").waitFor();
    assert.match(await dialog.locator(".failure").innerText(), /127\.0\.0\.1.*not fetched|not fetched.*127\.0\.0\.1/s);
    assert.equal(await dialog.locator("input").inputValue(), "http://127.0.0.1/handbook.html");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    assert.ok(!(await documents(page)).list.some(({ name }) => name.includes("127.0.0.1")));
  });

  it("tags are changed and narrow the list", async () => {
    await addFiles(page, en);
    await untilRead(page, en.name);
    await row(page, en.name).locator("button", { hasText: "Tags" }).click();
    await page.locator("dialog[open] input:not([type=checkbox])").fill("machines, workshop");
    await page.keyboard.press("Enter");
    await row(page, en.name).locator(".tag", { hasText: "workshop" }).click();
    await row(page, zh.name).waitFor({ state: "detached" });
    await eventually(async () => (await page.locator(".file").count()) === 1, "the list holds the tagged file alone");
    await page.locator(".filters select").last().selectOption("");
    await row(page, zh.name).waitFor();
    await page.locator(".find").fill(en.name.slice(0, 10));
    await row(page, zh.name).waitFor({ state: "detached" });
    await page.locator(".find").fill("");
    await row(page, zh.name).waitFor();
  });

  it("a passage is shown on the picture of its page, where it stands", async () => {
    await openSection(page, 2);
    await searchFor(await ownQuestion(zh.name, "zh"));
    await page.locator(".passage-open", { hasText: zh.name }).first().click();
    await page.locator(".source mark").waitFor();
    await page.locator(".source-tools label", { hasText: "Page" }).click();
    const sheet = page.locator(".sheet img");
    await sheet.waitFor();
    assert.ok(await sheet.evaluate((image) => image.naturalWidth >= 200), "the picture has arrived");
    const paper = await page.locator(".sheet").boundingBox();
    const marks = page.locator(".page-mark");
    await marks.first().waitFor();
    for (const mark of await marks.all()) {
      const box = await mark.boundingBox();
      assert.ok(box.width > 4 && box.height > 4 && box.height < paper.height / 2, "a mark is about as large as some lines");
      assert.ok(box.x >= paper.x - 1 && box.x + box.width <= paper.x + paper.width + 1, "and lies on the page");
    }
    const inView = async () => {
      const [body, first] = [await page.locator(".source-body").boundingBox(), await marks.first().boundingBox()];
      return first.y >= body.y && first.y < body.y + body.height;
    };
    await eventually(inView, "the mark is scrolled into view");
    await page.locator(".source-tools label", { hasText: "Enlarged" }).click();
    await page.waitForFunction((width) => document.querySelector(".sheet").getBoundingClientRect().width > width * 1.5, paper.width);
    await page.keyboard.press("Escape");
  });

  it("pages are turned, and a document without pictures shows its text", async () => {
    await openSection(page, 1);
    await addFiles(page, twoPages.file);
    await untilRead(page, twoPages.file.name);
    await openSection(page, 2);
    await searchFor(twoPages.question);
    await page.locator(".passage-open", { hasText: twoPages.file.name }).first().click();
    // The choice of the page's picture is remembered.
    await page.locator(".sheet img").waitFor();
    const position = page.locator(".source-tools .stepper span");
    const start = await position.innerText();
    const turn = page.locator(".turn-page:not([disabled])").first();
    await turn.click();
    await page.locator(".source-back").waitFor();
    await eventually(async () => (await position.innerText()) !== start, "another page is shown");
    await page.locator(".source-back").click();
    await eventually(async () => (await position.innerText()) === start, "the page of the passage is shown again");
    await page.keyboard.press("Escape");
    await searchFor(await ownQuestion(en.name, "en"));
    await page.locator(".passage-open", { hasText: en.name }).first().click();
    await page.locator(".source mark").waitFor();
    assert.equal(await page.locator(".source-tools").count(), 0, "there is nothing to switch");
    await page.keyboard.press("Escape");
  });

  it("a search is narrowed by what the files are, and by what is typed", async () => {
    await searchFor(await ownQuestion(en.name, "en"));
    await page.locator(".chip", { hasText: "PDF" }).click();
    await page.locator(".passage").first().waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll(".passage-name")].every((name) => name.textContent.endsWith(".pdf")));
    await page.locator(".facets button", { hasText: "Clear all" }).click();
    await searchFor(`type:docx ${await ownQuestion(en.name, "en")}`);
    await page.locator(".chip-read", { hasText: "format Word" }).waitFor();
    const names = await page.locator(".passage-name").allInnerTexts();
    assert.ok(names.length > 0 && names.every((name) => name.endsWith(".docx")), names.join(", "));
    await page.locator(".chip-read").click();
    await page.locator(".chip-read").waitFor({ state: "detached" });
  });

  it("nothing went elsewhere or broke", () => {
    assert.deepEqual(complaints, []);
  });

  async function ownQuestion(name, language) {
    const { list, text } = await documents(page);
    return questionAbout(await text(list.find((one) => one.name === name).id), language);
  }

  async function searchFor(words) {
    await page.locator("input[type=search]").fill(words);
    const done = page.waitForResponse((response) => response.url().endsWith("/search"));
    await page.keyboard.press("Enter");
    assert.equal((await done).status(), 200);
    await page.locator(".passage").first().waitFor();
  }
});
