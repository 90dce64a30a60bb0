import { describe, expect, it } from "vitest";

import { formatBytes, formatDay, formatDuration, formatRanges, formatTimeLeft } from "./format";
import { languageOf } from "./language";

describe("numbers for people", () => {
  it("keep a space before the unit in both languages", () => {
    expect(formatDuration(38.2, "zh")).toBe("38 毫秒");
    expect(formatDuration(2860, "en")).toBe("2.9 s");
    expect(formatBytes(1_284_310, "en")).toBe("1.3 MB");
    expect(formatBytes(0, "zh")).toBe("0 B");
  });

  it("tell a wait as coarsely as it is known", () => {
    const told = [0, 31, 60, 61, 5_399, 5_401].map((seconds) => formatTimeLeft(seconds, "en"));
    expect(told).toEqual(["10 seconds", "40 seconds", "1 minute", "2 minutes", "1.5 hours", "2 hours"]);
    expect(formatTimeLeft(119, "zh")).toBe("2 分钟");
  });

  it("join neighbouring pages, in order and once", () => {
    expect(formatRanges([9, 3, 4, 5, 4, 1200], "en")).toBe("3–5, 9, 1,200");
    expect(formatRanges([1, 2], "zh")).toBe("1–2");
    expect(formatRanges([1, 3], "zh")).toBe("1、3");
  });

  it("show a day, and nothing for what is none", () => {
    expect(formatDay("2026-11-25", "en")).toBe("25 Nov 2026");
    expect(formatDay("2026-11-25", "zh")).toBe("2026年11月25日");
    expect(formatDay("", "en")).toBe("");
    expect(formatDay("someday", "zh")).toBe("");
  });
});

describe("the language of a text", () => {
  it("is Chinese where Han characters carry it, whatever names are in between", () => {
    expect(languageOf("使用 Kubernetes 部署服务的步骤")).toBe("zh");
    expect(languageOf("The word 渊 means an abyss or a deep pool.")).toBe("en");
    expect(languageOf("2024-05-01")).toBe("en");
  });
});
