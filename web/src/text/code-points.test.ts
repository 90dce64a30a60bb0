import { describe, expect, it } from "vitest";

import { codePointLength, cutAt, utf16Index } from "./code-points";

describe("offsets in code points", () => {
  it("are the same as in UTF-16 while every character is one unit", () => {
    expect(cutAt("年休假 10 天。", 4, 8)).toEqual({ before: "年休假 ", marked: "10 天", after: "。" });
  });

  it("count a character outside the basic plane once", () => {
    const text = "𠮷野家😀卖牛肉饭";
    expect(cutAt(text, 3, 4).marked).toBe("😀");
    expect(cutAt(text, 4, 7).marked).toBe("卖牛肉");
    expect(codePointLength(text)).toBe(8);
  });

  it("agree with iterating over the string, at every pair of places", () => {
    const text = "a𠮷é👩‍🔬文\u{1F1E8}\u{1F1F3}";
    const characters = Array.from(text);
    for (let start = 0; start <= characters.length; start += 1) {
      for (let end = start; end <= characters.length; end += 1) {
        expect(cutAt(text, start, end).marked).toBe(characters.slice(start, end).join(""));
      }
    }
  });

  it("count half of a broken pair as one character", () => {
    expect(utf16Index("\ud842x\udfb7y", 3)).toBe(3);
  });

  it("stay within the text", () => {
    expect(cutAt("短", 5, 9)).toEqual({ before: "短", marked: "", after: "" });
    expect(cutAt("短文", -1, 1).marked).toBe("短");
    expect(cutAt("短文", 1, 0).marked).toBe("");
  });
});
