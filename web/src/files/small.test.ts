import { describe, expect, it } from "vitest";

import * as decode from "../api/decode";
import { completeAddress } from "./address-dialog";
import { forEachFew } from "./batch";
import { joinTags, parseTags } from "./tags";
import { changed } from "./use-documents";

describe("tags", () => {
  it("are typed with commas of either language, once each", () => {
    expect(parseTags("合同， 2026、#合同;; survey ,")).toEqual(["合同", "2026", "survey"]);
    expect(parseTags(joinTags(["甲", "乙"], "zh"))).toEqual(["甲", "乙"]);
    expect(joinTags(["a", "b"], "en")).toBe("a, b");
  });
});

describe("an address", () => {
  it("is meant as https where nothing else is said", () => {
    expect(completeAddress(" example.org/a ")).toBe("https://example.org/a");
    expect(completeAddress("http://127.0.0.1:8080/x")).toBe("http://127.0.0.1:8080/x");
  });

  it("is none with another scheme or without a host", () => {
    for (const text of ["", "ftp://example.org", "file:///etc/passwd", "javascript://x%0aalert(1)", "https://"]) {
      expect(completeAddress(text), text).toBeNull();
    }
  });
});

describe("the same for many files", () => {
  it("goes on after one that fails, and never more than a few at a time", async () => {
    let [now, most] = [0, 0];
    const missed = await forEachFew(
      [1, 2, 3, 4, 5, 6, 7],
      async (item) => {
        most = Math.max(most, ++now);
        await Promise.resolve();
        now -= 1;
        if (item === 3) throw new Error("no");
      },
      3,
    );
    expect(missed).toBe(1);
    expect(most).toBe(3);
  });
});

describe("an event about one file", () => {
  it("leaves the objects of all others as they were, so that they are not drawn again", () => {
    const page = (...ids: string[]) => ({ documents: ids.map((id) => decode.documentRow({ id })), next_cursor: null });
    const data = { pages: [page("a", "b"), page("c")], pageParams: [null, "x"] };
    const after = changed(data, "b", { pages_done: 3 });
    expect(after.pages[0]?.documents[0]).toBe(data.pages[0]?.documents[0]);
    expect(after.pages[0]?.documents[1]).toMatchObject({ id: "b", pages_done: 3 });
    expect(after.pages[1]).toBe(data.pages[1]);
  });

  it("gives a file that is ready the passages that were made of it", () => {
    const data = { pages: [{ documents: [decode.documentRow({ id: "a", status: "running" })], next_cursor: null }], pageParams: [null] };
    const event = decode.rowChange({ status: "ready", chunks_done: 8, chunks_total: 8, pages_done: 3, pages_total: 3 });
    expect(changed(data, "a", event).pages[0]?.documents[0]).toMatchObject({ status: "ready", chunks: 8, pages: 3 });
  });
});
