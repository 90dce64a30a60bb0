import { describe, expect, it } from "vitest";

import { firstLanguage } from ".";
import { en } from "./en";
import { zh } from "./zh";

/** Every path to a sentence; English has one more plural form than Chinese. */
function paths(table: object, prefix = ""): string[] {
  return Object.entries(table).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null ? paths(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}

function placeholders(table: object, path: string): string[] {
  const value = path.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], table);
  return [...new Set(String(value).match(/\{\{\w+\}\}/g))].sort();
}

describe("the two languages", () => {
  const shared = paths(zh);

  it("say the same things", () => {
    expect(paths(en).filter((path) => !path.endsWith("_one"))).toEqual(shared);
  });

  it("have both English plurals wherever they count", () => {
    const counted = paths(en).filter((path) => path.endsWith("_other"));
    expect(paths(en).filter((path) => path.endsWith("_one")).map((path) => path.replace("_one", "_other"))).toEqual(counted);
  });

  it("name the same particulars", () => {
    for (const path of shared) expect(placeholders(en, path), path).toEqual(placeholders(zh, path));
  });

  it("leave nothing empty, and set Chinese with Chinese punctuation and spaces around Latin", () => {
    for (const path of shared) {
      const text = path.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], zh) as string;
      expect(text, path).not.toBe("");
      expect(text, path).not.toMatch(/\p{Script=Han}[,;:!?]/u);
      expect(text, path).not.toMatch(/\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Script=Han}/u);
    }
  });
});

describe("the first language", () => {
  it("is the one chosen before, else the browser's, else English", () => {
    expect(firstLanguage("en", ["zh-CN"])).toBe("en");
    expect(firstLanguage(null, ["fr-FR", "zh-TW", "en"])).toBe("zh");
    expect(firstLanguage(null, ["fr-FR"])).toBe("en");
  });
});
