import { describe, expect, it } from "vitest";

import { head, locate, tail } from "./locate";

describe("a quote in its source", () => {
  it("is the text at its offsets", () => {
    expect(locate("𠮷野：年休假 5 天。", 3, 10, "年休假 5 天")).toMatchObject({ marked: "年休假 5 天", found: "exact" });
  });

  it("is found again, nearest first, where the text has moved", () => {
    const text = "五天。前言很长很长。五天。五天。";
    expect(locate(text, 9, 12, "五天。")).toMatchObject({ before: "五天。前言很长很长。", found: "moved" });
  });

  it("is not pretended to be there when it is gone", () => {
    expect(locate("别的文字", 0, 2, "年休假")).toMatchObject({ found: "lost" });
  });
});

describe("what is shown around it", () => {
  it("is cut at lines", () => {
    expect(tail("一行\n二行\n三行", 4)).toBe("二行\n三行");
    expect(head("一行\n二行\n三行", 4)).toBe("一行\n二行\n");
    expect(tail("短", 10)).toBe("短");
  });
});
