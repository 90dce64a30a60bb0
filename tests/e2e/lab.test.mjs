// The retrieval lab: settings and what they find, why a document does not come, and settings that are kept.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { openPage, startBrowser } from "./browser.mjs";
import { enSample, zhSample } from "./fixtures.mjs";
import { addFiles, begin, documents, eventually, openSection, untilRead } from "./screen.mjs";
import { startServer } from "./server.mjs";

const LAB = 3;

describe("somebody who tries out retrieval", () => {
  let server, browser, page, complaints;

  before(async () => {
    [server, browser] = await Promise.all([startServer(), startBrowser()]);
    ({ page, complaints } = await openPage(browser, server.url));
    await begin(page, server.url);
    await addFiles(page, zhSample.file, enSample.file);
    await untilRead(page, zhSample.file.name);
    await untilRead(page, enSample.file.name);
    await openSection(page, LAB);
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const hits = () => page.locator(".lab-hits > li");
  const slider = (name) => page.locator(".slider", { hasText: name }).locator("input");

  it("sees the way of every hit through the stages, with the words that it holds", async () => {
    await page.locator("input[type=search]").fill(zhSample.question);
    await page.keyboard.press("Enter");
    await hits().first().locator(".bar").first().waitFor();
    const stages = await hits().first().locator(".bar").evaluateAll((bars) => bars.map((bar) => bar.dataset.stage));
    assert.deepEqual(stages, ["dense", "lexical", "sentences", "fused", "reranked", "final"]);
    assert.ok((await hits().first().locator("mark").count()) > 0, "its words are marked");
  });

  it("moves a slider by the keyboard alone and sees fewer passages", async () => {
    await slider("显示几段").focus();
    await page.keyboard.press("Home");
    await eventually(async () => (await hits().count()) === 1, "one passage is left");
    assert.equal(await page.locator(".try").count(), 2, "both tries are listed");
  });

  it("goes back to what was tried before", async () => {
    await page.locator(".try").last().click();
    await eventually(async () => (await hits().count()) > 1, "all passages are back");
    await page.locator(".try").last().click();
    await eventually(async () => (await hits().count()) === 1, "and one again");
  });

  it("learns why a document does not come", async () => {
    await page.locator(".why-not input:not([type=radio])").fill(enSample.file.name);
    await page.locator(".why-not form button:enabled").click();
    await page.locator(".why-report").waitFor();
    assert.notEqual(await page.locator(".why-report").getAttribute("data-verdict"), "found");
    assert.match(await page.locator(".why-report p").first().innerText(), /\p{Script=Han}/u);
  });

  it("gives the knowledge base words of its own, which its documents learn", async () => {
    await page.locator(".own-words summary").click();
    await page.locator(".own-words textarea").fill("小度在家\n格力博");
    await page.locator(".own-words button", { hasText: "保存专用词" }).click();
    await page.locator(".own-words [role=status]", { hasText: "2 个词" }).waitFor();
  });

  it("applies settings to the knowledge base, and goes back to the defaults", async () => {
    const base = async () => {
      const id = /\/kb\/([^/]+)/.exec(page.url())[1];
      return (await fetch(`${server.url}/api/v1/knowledge-bases/${id}`)).json();
    };
    await page.locator("button", { hasText: "用到这个知识库" }).click();
    await page.locator(".lab-controls [role=status]", { hasText: "已用到" }).waitFor();
    assert.equal((await base()).retrieval.top_k, 1);
    await openSection(page, 2);
    await page.locator("input[type=search]").fill(zhSample.question);
    await page.keyboard.press("Enter");
    await page.locator(".passages > li").first().waitFor();
    assert.equal(await page.locator(".passages > li").count(), 1, "the search goes by it");
    await openSection(page, LAB);
    await page.locator("button", { hasText: "恢复默认设置" }).click();
    await page.locator("button", { hasText: "用到这个知识库" }).click();
    await page.locator(".lab-controls [role=status]", { hasText: "已用到" }).waitFor();
    assert.equal((await base()).retrieval.top_k, null);
    assert.equal((await documents(page)).list.length, 2);
  });

  it("met no error on the way", () => assert.deepEqual(complaints, []));
});
