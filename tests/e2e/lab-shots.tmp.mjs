import { DESKTOP, openPage, PHONE, startBrowser } from "./browser.mjs";
import { enSample, zhSample } from "./fixtures.mjs";
import { addFiles, begin, openSection, untilRead } from "./screen.mjs";
import { startServer } from "./server.mjs";
const looks = [
  { name: "desktop-zh", locale: "zh-CN", viewport: DESKTOP, colorScheme: "light", q: zhSample.question, way: "一段文字", text: "Visitors may climb the tower" },
  { name: "desktop-dark-en", locale: "en-GB", viewport: DESKTOP, colorScheme: "dark", q: enSample.question, way: "some text", text: "本科生每次最多借十五册" },
  { name: "phone-zh", locale: "zh-CN", viewport: PHONE, colorScheme: "light", touch: true, q: zhSample.question, way: "一段文字", text: "Visitors may climb the tower" },
];
const server = await startServer();
const browser = await startBrowser();
let first = true;
let kb = "";
for (const { name, q, way, text, ...look } of looks) {
  const { page } = await openPage(browser, server.url, look);
  if (first) {
    await begin(page, server.url);
    kb = page.url().replace(/files$/, "lab");
    await addFiles(page, zhSample.file, enSample.file);
    await untilRead(page, zhSample.file.name);
    await untilRead(page, enSample.file.name);
    first = false;
  }
  await page.goto(kb);
  await page.locator("input[type=search]").fill(q);
  await page.keyboard.press("Enter");
  await page.locator(".bar").first().waitFor();
  await page.screenshot({ path: `/tmp/lab-shots/${name}-1.png` });
  await page.locator(".slider input").last().focus();
  await page.keyboard.press("Home");
  await page.waitForTimeout(1500);
  await page.locator(".why-not form label", { hasText: way }).click();
  await page.locator(".why-not textarea").fill(text);
  await page.locator(".why-not form button").click();
  await page.locator(".why-report").waitFor();
  await page.waitForTimeout(300);
  await page.screenshot({ path: `/tmp/lab-shots/${name}-2.png`, fullPage: true });
  await page.context().close();
}
await browser.close();
await server.stop();
