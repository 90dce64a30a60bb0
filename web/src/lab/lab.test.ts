import { describe, expect, it } from "vitest";

import { cuts } from "./marked-text";
import { remembered, restored, type Try } from "./history";
import { DEFAULTS, isDefault, sameSettings, withRemedy } from "./settings";

const tried = (query: string, weight: number | null = null): Try => ({
  query,
  settings: { ...DEFAULTS, meaning_weight: weight },
  first: "a.md",
});

describe("settings", () => {
  it("are the default only where nothing is chosen", () => {
    expect(isDefault({ ...DEFAULTS })).toBe(true);
    expect(isDefault({ ...DEFAULTS, meaning_weight: 0 })).toBe(false);
    expect(sameSettings({ ...DEFAULTS, mode: "dense" }, { ...DEFAULTS, mode: "dense" })).toBe(true);
  });

  it("take a remedy and keep the rest", () => {
    expect(withRemedy({ ...DEFAULTS, top_k: 5 }, { meaning_weight: 2 })).toEqual({ ...DEFAULTS, top_k: 5, meaning_weight: 2 });
  });
});

describe("the history of tries", () => {
  it("lists the same question with the same settings once, the newest first", () => {
    const list = [tried("a"), tried("b"), tried("a", 2), tried("a")].reduce<readonly Try[]>(remembered, []);
    expect(list).toEqual([tried("a"), tried("a", 2), tried("b")]);
  });

  it("is short, and survives what it cannot read", () => {
    const many = Array.from({ length: 40 }, (_, index) => tried(String(index))).reduce<readonly Try[]>(remembered, []);
    expect(many).toHaveLength(30);
    expect(restored(JSON.stringify(many))).toEqual(many);
    for (const kept of [null, "nonsense", "{}", "[1,{}]"]) expect(restored(kept)).toEqual([]);
  });
});

describe("a passage with its words marked", () => {
  it("is cut at code points of the whole document and stays the same text", () => {
    const text = "𠮷田文库的年假";
    const pieces = cuts(text, 100, [{ start: 105, end: 107 }, { start: 100, end: 101 }]);
    expect(pieces).toEqual([
      { text: "𠮷", marked: true },
      { text: "田文库的", marked: false },
      { text: "年假", marked: true },
    ]);
  });

  it("lets go of what lies outside or overlaps", () => {
    const text = "年假五天";
    expect(cuts(text, 0, [{ start: -3, end: 1 }, { start: 0, end: 2 }, { start: 9, end: 12 }])).toEqual([
      { text: "年", marked: true },
      { text: "假", marked: true },
      { text: "五天", marked: false },
    ]);
    expect(cuts(text, 0, [])).toEqual([{ text, marked: false }]);
  });
});
