// The way of a reader: files in, question, answer, source.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { openPage, startBrowser } from "./browser.mjs";
import { damaged, empty, enFile, questionAbout, zhFile } from "./fixtures.mjs";
import { addFiles, ask, begin, documents, eventually, openSection, row, untilRead } from "./screen.mjs";
import { startServer } from "./server.mjs";

describe("a reader", () => {
  let server, browser, page, complaints, zh, en;

  before(async () => {
    [server, browser, zh, en] = await Promise.all([startServer(), startBrowser(), zhFile(), enFile()]);
    ({ page, complaints } = await openPage(browser, server.url));
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("begins in the browser's language and is told what to do", async () => {
    await begin(page, server.url);
    await page.locator("html[lang^=zh]").waitFor();
    await page.locator("h1", { hasText: "文件" }).waitFor();
  });

  it("adds a Chinese and an English file and sees them read", async () => {
    await addFiles(page, zh, en);
    await untilRead(page, zh.name);
    await untilRead(page, en.name);
  });

  it("asks in Chinese and finds the cited words marked in the source", async () => {
    await answerLeadsToItsSource(zh.name, "zh");
  });

  it("reads the same page in English after switching, and asks in English", async () => {
    await page.locator(".preferences .choice label", { hasText: "English" }).click();
    await page.locator("html[lang=en]").waitFor();
    await page.locator(".sections a", { hasText: "Ask" }).waitFor();
    await answerLeadsToItsSource(en.name, "en");
    await page.reload();
    // The choice is remembered.
    await page.locator("html[lang=en]").waitFor();
  });

  it("sees in either language why a file was not read", async () => {
    await openSection(page, 1);
    await addFiles(page, damaged, empty);
    for (const file of [damaged, empty]) {
      const reason = row(page, file.name).locator(".file-reason");
      await reason.waitFor({ timeout: 60_000 });
      assert.match(await reason.innerText(), /[a-z]{4}/);
    }
    await page.locator(".preferences .choice label", { hasText: "中文" }).click();
    for (const file of [damaged, empty]) {
      await row(page, file.name).locator(".file-reason", { hasText: /\p{Script=Han}/u }).waitFor();
    }
  });

  it("keeps an answer that is right as a gold question, and takes it back", async () => {
    await openSection(page, 0);
    const foot = page.locator(".turn").last().locator(".row-actions");
    const kept = page.waitForResponse((response) => response.url().endsWith("/promote"));
    await foot.locator("button", { hasText: "答对了" }).click();
    assert.equal((await kept).status(), 201);
    await foot.getByText("已留作评测问题").waitFor();
    const gone = page.waitForResponse((response) => response.request().method() === "DELETE");
    await foot.locator("button", { hasText: "撤销" }).click();
    assert.equal((await gone).status(), 204);
    await foot.locator("button", { hasText: "答对了" }).waitFor();
  });

  it("finds out in the retrieval lab what a wrong answer was made of", async () => {
    const asked = await page.locator(".turn").last().locator(".question").innerText();
    await page.locator(".turn").last().locator("a", { hasText: "不对" }).click();
    await page.locator(".lab-hits > li").first().waitFor();
    assert.equal(await page.locator("input[type=search]").inputValue(), asked);
  });

  it("can stop an answer, which closes the connection", async () => {
    await openSection(page, 0);
    const network = await page.context().newCDPSession(page);
    await network.send("Network.enable");
    const slow = { offline: false, latency: 200, downloadThroughput: 300, uploadThroughput: -1 };
    await network.send("Network.emulateNetworkConditions", slow);
    const aborted = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/ask"));
    await page.locator("textarea").fill("请详细说明全部规定。");
    await page.keyboard.press("Enter");
    await page.locator(".question-line button", { hasText: "停止" }).click();
    assert.match((await aborted).failure().errorText, /ABORTED/i);
    await page.locator(".turn").last().locator(".notice", { hasText: "已停止" }).waitFor();
    const normal = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await network.send("Network.emulateNetworkConditions", normal);
  });

  it("finds passages with their scores by plain search", async () => {
    await openSection(page, 2);
    const { list, text } = await documents(page);
    const document = list.find(({ name }) => name === zh.name);
    await page.locator("input[type=search]").fill(questionAbout(await text(document.id), "zh"));
    await page.keyboard.press("Enter");
    await page.locator(".passages .scores").first().waitFor();
  });

  it("was never sent elsewhere, and met no error or breach of the content policy", () => {
    assert.deepEqual(complaints, []);
  });

  async function answerLeadsToItsSource(name, language) {
    await openSection(page, 0);
    const { list, text } = await documents(page);
    const document = list.find((one) => one.name === name);
    const done = await ask(page, questionAbout(await text(document.id), language));
    assert.equal(done.refused, false, "a question made of the document's own words is answered");
    assert.ok(done.citations.length > 0, "the answer has citations");
    const turn = page.locator(".turn").last();
    const shown = (await turn.locator(".answer-text").innerText()).replace(/\s/g, "");
    const [first] = done.sentences;
    const words = first.text.replace(/[\s*_`#|]/g, "");
    assert.ok(shown.includes(words), `its first sentence, ${words}, is shown in ${shown}`);
    await turn.locator(".cite button").first().click();
    const number = Number(await turn.locator(".cite button").first().innerText());
    const citation = done.citations.find(({ n }) => n === number);
    const marked = await page.locator(".source mark").textContent();
    const source = Array.from(await text(citation.document_id));
    assert.equal(marked, citation.quote, "the marked words are the quote");
    assert.equal(marked, source.slice(citation.start, citation.end).join(""), "and stand at its offsets");
    await page.locator(".source mark").waitFor();
    await eventually(() => inView(page.locator(".source mark"), page.locator(".source-body")), "the mark is scrolled into view");
    await page.keyboard.press("Escape");
    await page.locator(".source").waitFor({ state: "detached" });
  }

  async function inView(inner, outer) {
    const [a, b] = [await inner.boundingBox(), await outer.boundingBox()];
    return a.y >= b.y && a.y < b.y + b.height;
  }
});
