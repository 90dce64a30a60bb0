import { describe, expect, it } from "vitest";

import { certainty } from "../text/certainty";
import { remarksOf } from "./remarks";

describe("remarks about many pages", () => {
  it("become one of each kind without losing a page", () => {
    const read = (page: number, sure: number) => ({ code: "page_read_by_ocr", page, message: `Page ${page} was read by OCR, ${sure}% sure.` });
    const remarks = remarksOf([read(1, 92), read(2, 71), { code: "page_without_text", page: 3, message: "Page 3 has no text; OCR found none." }, read(4, 98)]);
    expect(remarks).toMatchObject([
      { kind: "ocr", pages: [1, 2, 4], sure: [71, 98], count: 3 },
      { kind: "emptyAfterOcr", pages: [3], count: 1 },
    ]);
  });

  it("tell pages that OCR has not seen from those where it found nothing", () => {
    const kinds = remarksOf([
      { code: "page_without_text", page: 1, message: "第 1 页没有文字。" },
      { code: "page_without_text", page: 2, message: "第 2 页没有文字，OCR 也没有识别到。" },
    ]).map(({ kind }) => kind);
    expect(kinds).toEqual(["empty", "emptyAfterOcr"]);
  });

  it("keep what we have no sentence for, each in its own words", () => {
    const remarks = remarksOf([
      { code: "member_unreadable", message: "a.bin: cannot be read" },
      { code: "member_unreadable", message: "b.bin: cannot be read" },
    ]);
    expect(remarks.map(({ kind, first }) => [kind, first.message])).toEqual([
      [null, "a.bin: cannot be read"],
      [null, "b.bin: cannot be read"],
    ]);
  });
});

describe("how sure the recognition was", () => {
  it("is read from the server's sentence, in either language", () => {
    expect(certainty("Page 3 was read by OCR, 92% sure.")).toBe(92);
    expect(certainty("第 3 页由 OCR 识别，把握 100％。")).toBe(100);
    expect(certainty("Page 3 was read by OCR.")).toBeNull();
  });
});
