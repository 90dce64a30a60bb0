// Debian's Chromium, kept from calling anywhere but the server under test.
import { chromium } from "playwright-core";

const quiet = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync",
];

export function startBrowser() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, headless: true, args: ["--no-sandbox", ...quiet] });
}

export const DESKTOP = { width: 1360, height: 860 };
export const PHONE = { width: 390, height: 844 };

/** A page in a new context; anything it logs as an error, or asks of another host, ends up in `complaints`. */
export async function openPage(browser, url, { locale = "zh-CN", viewport = DESKTOP, colorScheme = "light", touch = false } = {}) {
  const context = await browser.newContext({ locale, viewport, colorScheme, hasTouch: touch, isMobile: touch, deviceScaleFactor: 2 });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // Answers with an error status are shown to the reader; the browser logs them as well.
    if (message.type() === "error" && !message.text().includes("Failed to load resource")) complaints.push(message.text());
  });
  page.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith(url) && !/^(data|blob|chrome-extension):/.test(address)) complaints.push(`asked ${address}`);
  });
  return { page, context, complaints };
}
