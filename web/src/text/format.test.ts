import { describe, expect, it } from "vitest";

import { formatBytes, formatDuration } from "./format";
import { languageOf } from "./language";

describe("numbers for people", () => {
  it("keep a space before the unit in both languages", () => {
    expect(formatDuration(38.2, "zh")).toBe("38 毫秒");
    expect(formatDuration(2860, "en")).toBe("2.9 s");
    expect(formatBytes(1_284_310, "en")).toBe("1.3 MB");
    expect(formatBytes(0, "zh")).toBe("0 B");
  });
});

describe("the language of a text", () => {
  it("is Chinese where Han characters carry it, whatever names are in between", () => {
    expect(languageOf("使用 Kubernetes 部署服务的步骤")).toBe("zh");
    expect(languageOf("The word 渊 means an abyss or a deep pool.")).toBe("en");
    expect(languageOf("2024-05-01")).toBe("en");
  });
});
