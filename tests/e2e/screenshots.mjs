// Makes docs/images/*.png: the screens of the manual, from the real program where WENYUAN_BIN names it.
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { DESKTOP, openPage, PHONE, startBrowser } from "./browser.mjs";
import { damaged, enSample, zhSample } from "./fixtures.mjs";
import { addFiles, ask, begin, openSection, row, untilRead } from "./screen.mjs";
import { binary, startServer } from "./server.mjs";

const folder = process.env.WENYUAN_IMAGES ?? fileURLToPath(new URL("../../docs/images", import.meta.url));
if (binary === undefined) process.stderr.write("### these pictures show the MOCK server: not for the manual\n");

const looks = [
  { name: "desktop-zh", locale: "zh-CN", viewport: DESKTOP, colorScheme: "light", sample: zhSample },
  { name: "desktop-en", locale: "en-GB", viewport: DESKTOP, colorScheme: "light", sample: enSample },
  { name: "desktop-dark", locale: "zh-CN", viewport: DESKTOP, colorScheme: "dark", sample: zhSample },
  { name: "phone-zh", locale: "zh-CN", viewport: PHONE, colorScheme: "light", touch: true, sample: zhSample },
  { name: "phone-en", locale: "en-GB", viewport: PHONE, colorScheme: "dark", touch: true, sample: enSample },
];

// Real documents, a Chinese PDF and an English Word file, both in the public domain.
const documents = join(process.env.WENYUAN_SHARED ?? fileURLToPath(new URL("../../../shared", import.meta.url)), "docs");
const real = async (name, mimeType, question) => ({
  file: { name, mimeType, buffer: await readFile(join(documents, name)) },
  question,
});
if (existsSync(documents)) {
  const zhLaw = await real("zh-stsong-nonembedded.pdf", "application/pdf", "已满10年不满20年的职工年休假多少天？");
  const word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
  const enHandbook = await real("en-handbook-1p.docx", word, "Who appoints and supervises standing trustees?");
  for (const [shape, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    const shared = { viewport, colorScheme: "light", touch: shape === "phone" };
    looks.push({ name: `${shape}-zh-pdf`, locale: "zh-CN", sample: zhLaw, ...shared });
    looks.push({ name: `${shape}-en-docx`, locale: "en-GB", sample: enHandbook, ...shared });
  }
} else {
  process.stderr.write(`### SKIPPED: no real documents in ${documents}; set WENYUAN_SHARED\n`);
}

await mkdir(folder, { recursive: true });
const browser = await startBrowser();
for (const { name, sample, ...look } of looks) {
  const server = await startServer();
  const { page } = await openPage(browser, server.url, look);
  const picture = (what) => page.screenshot({ path: join(folder, `${name}-${what}.png`) });
  try {
    await page.goto(server.url);
    await page.locator(".first-run").waitFor();
    await picture("begin");
    await begin(page, server.url);
    await addFiles(page, sample.file, damaged);
    await untilRead(page, sample.file.name);
    await row(page, damaged.name).locator(".file-reason").waitFor();
    await picture("files");
    await openSection(page, 0);
    await ask(page, sample.question);
    await page.locator("textarea").blur();
    await picture("answer");
    await page.locator(".cite button").first().click();
    await page.locator(".source mark").waitFor();
    await picture("citation");
  } finally {
    await server.stop();
    await page.context().close();
  }
}
await browser.close();
process.stdout.write(`pictures are in ${folder}\n`);
