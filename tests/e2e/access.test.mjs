// Whoever the reader is and whatever they hold: phone, keyboard, screen reader, dark room.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";

import { DESKTOP, openPage, PHONE, startBrowser } from "./browser.mjs";
import { enFile, locked, questionAbout, twoPages, zhFile } from "./fixtures.mjs";
import { addFiles, ask, begin, documents, eventually, hasNoSidewaysScroll, openPreview, openSection, previewFile, row, untilRead } from "./screen.mjs";
import { startServer } from "./server.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Colours that are still changing are nobody's to judge. */
async function settled(page) {
  await page.evaluate(async () => {
    const running = document.getAnimations().map((animation) => animation.finished.catch(() => undefined));
    await Promise.race([Promise.all(running), new Promise((resolve) => setTimeout(resolve, 3_000))]);
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  });
}

async function graveProblems(page) {
  await settled(page);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}

/** What stays wrong counts; a screen caught between two states may be looked at again. */
async function isAccessible(page, where) {
  let list = await graveProblems(page);
  for (let look = 0; look < 4 && list.length > 0; look += 1) {
    await page.waitForTimeout(500);
    list = await graveProblems(page);
  }
  assert.deepEqual(list, [], where);
}

const devices = [
  { name: "a phone, dark, in Chinese", locale: "zh-CN", viewport: PHONE, colorScheme: "dark", touch: true },
  { name: "a desk, light, in English", locale: "en-GB", viewport: DESKTOP, colorScheme: "light" },
];

for (const device of devices) {
  describe(`on ${device.name}`, () => {
    let server, browser, page, file;
    const language = device.locale.slice(0, 2);

    before(async () => {
      [server, browser, file] = await Promise.all([startServer(), startBrowser(), language === "zh" ? zhFile() : enFile()]);
      ({ page } = await openPage(browser, server.url, device));
    });

    after(async () => {
      await browser?.close();
      await server?.stop();
    });

    async function isSound(where) {
      await hasNoSidewaysScroll(page, where);
      await isAccessible(page, where);
    }

    it("every screen fits and can be read aloud", async () => {
      await page.goto(server.url);
      await page.locator(".first-run").waitFor();
      await isSound("the first screen");
      await begin(page, server.url);
      await isSound("the empty list of files");
      await addFiles(page, file);
      await untilRead(page, file.name);
      await addFiles(page, locked.file, twoPages.file);
      await row(page, locked.file.name).locator("input[type=password]").waitFor({ timeout: 60_000 });
      await untilRead(page, twoPages.file.name);
      await page.locator(".options summary").click();
      await isSound("the list of files");
      await page.locator(".add-ways button").nth(2).click();
      await page.locator("dialog input").waitFor();
      await isSound("the question for an address");
      await page.keyboard.press("Escape");
      await row(page, twoPages.file.name).locator(".row-actions button").first().click();
      await page.locator("dialog input").first().waitFor();
      await isSound("the tags of a file");
      await page.keyboard.press("Escape");
      await openPreview(page);
      await previewFile(page, twoPages.file);
      await page.locator(".cut-passage").first().waitFor({ timeout: 60_000 });
      await isSound("the preview of the cutting");
      await openSection(page, 0);
      await isSound("the empty page of questions");
      const { list, text } = await documents(page);
      const question = questionAbout(await text(list.find(({ name }) => name === file.name).id), language);
      await ask(page, question);
      await isSound("an answer");
      await page.locator(".cite button").first().click();
      await page.locator(".source mark").waitFor();
      await isSound("a source");
      await page.keyboard.press("Escape");
      await openSection(page, 2);
      await page.locator("input[type=search]").fill(question);
      await page.keyboard.press("Enter");
      await page.locator(".scores").first().waitFor();
      await isSound("search results");
      await openSection(page, 3);
      await page.locator("input[type=search]").fill(question);
      await page.keyboard.press("Enter");
      await page.locator(".bar").first().waitFor();
      await page.locator(".why-not form label", { hasText: language === "zh" ? "一段文字" : "some text" }).click();
      await page.locator(".why-not textarea").fill(twoPages.question);
      await page.locator(".why-not form button").click();
      await page.locator(".why-report").waitFor();
      await isSound("the retrieval lab");
      await openSection(page, 2);
      await page.locator("input[type=search]").fill(twoPages.question);
      await page.keyboard.press("Enter");
      await page.locator(".passage-open", { hasText: twoPages.file.name }).first().click();
      await page.locator(".source-tools label").nth(1).click();
      await page.locator(".page-mark").first().waitFor();
      await isSound("the picture of a page");
      // The choice is remembered; what follows looks at the text.
      await page.locator(".source-tools label").first().click();
      await page.keyboard.press("Escape");
      await page.goto(server.url);
      await page.locator(".shelf").waitFor();
      await isSound("the knowledge bases");
      await page.locator(".shelf button").last().click();
      await page.locator("dialog").waitFor();
      await isSound("the question before deleting");
      await page.keyboard.press("Escape");
    });

    it("the keyboard alone is enough to look a citation up", async () => {
      await page.goto(server.url);
      await page.locator(".shelf-link").focus();
      await page.keyboard.press("Enter");
      const chip = page.locator(".cite button").first();
      await chip.waitFor();
      await chip.focus();
      await page.keyboard.press("Shift+Tab");
      await page.keyboard.press("Tab");
      await page.locator(".quote-card").waitFor();
      await page.keyboard.press("Enter");
      await page.locator(".source mark").waitFor();
      await page.keyboard.press("Escape");
      await page.locator(".source").waitFor({ state: "detached" });
      await eventually(() => chip.evaluate((node) => node === document.activeElement), "the focus is back where it was");
    });

    it("a knowledge base is deleted only after its name was typed", async () => {
      await page.goto(server.url);
      const name = await page.locator(".shelf-link").innerText();
      await page.locator(".shelf button").last().click();
      const action = page.locator("dialog .primary");
      assert.ok(await action.isDisabled());
      await page.locator("dialog input").fill(name);
      await action.click();
      await page.locator(".first-run .primary").waitFor();
    });
  });
}
