import { describe, expect, it } from "vitest";

import * as decode from "./decode";
import { ApiFailure } from "./failure";

describe("what the server sends", () => {
  it("may leave fields out", () => {
    const row = decode.documentRow({ id: "d", name: "a.pdf", status: "running", job_id: "j" });
    expect(row).toMatchObject({ pages: null, chunks: 0, warnings: [], error: null, job_id: "j" });
  });

  it("changes only the fields of a row that an event names", () => {
    const change = decode.rowChange({ job_id: "j", status: "running", pages_done: 3, pages_total: 9, seconds_left: 12 });
    expect(change).toEqual({ status: "running", pages_done: 3, pages_total: 9, seconds_left: 12 });
  });

  it("tells when a row waits for the index, and when no longer", () => {
    expect(decode.rowChange({ waiting_for_index: true })).toEqual({ waiting_for_index: true });
    expect(decode.rowChange({ waiting_for_index: false })).toEqual({ waiting_for_index: false });
  });

  it("joins a heading's path", () => {
    const event = decode.askEvent("citation", { n: 1, heading: ["第三章", "3.1 差旅标准"], quote: "x", start: 1, end: 2 });
    expect(event).toMatchObject({ type: "citation", citation: { heading: "第三章 › 3.1 差旅标准" } });
  });

  it("may hold events that this page does not know", () => {
    expect(decode.askEvent("thought", {})).toBeNull();
  });

  it("counts a sentence without a known support as unsupported", () => {
    expect(decode.askEvent("sentence", { text: "x" })).toMatchObject({ sentence: { support: "unsupported" } });
  });
});

describe("what newer servers send", () => {
  it("is left out where they do not", () => {
    expect(decode.searchResult({ hits: [{}] })).toMatchObject({ query: { filters: [], unclear: [], phrases: [] }, hits: [{ boxes: [] }] });
    expect(decode.facets(null)).toEqual({ kinds: [], languages: [], tags: [], authors: [], years: [] });
    expect(decode.splitDocuments({})).toEqual([]);
    expect(decode.knowledgeBase({ id: "k", documents: 2 })).not.toHaveProperty("queued");
  });

  it("tells where a passage lies, but only what can be drawn", () => {
    const whole = { page: 2, x0: 0.1, y0: 0.2, x1: 0.9, y1: 0.25 };
    const odd = [{ page: 2, x0: 0.5, y0: 0.2, x1: 0.5, y1: 0.3 }, { page: 1 }, null, { ...whole, x1: 7 }];
    expect(decode.boxes([whole, ...odd])).toEqual([whole, { ...whole, x1: 1 }]);
  });

  it("tells the filters and phrases in a query", () => {
    const filters = [{ key: "kind", value: "pdf", written: "类型:pdf" }];
    const phrases = [{ text: "原话", found: false }];
    const query = { text: "x", filters: [...filters, {}], unclear: ["type:foo"], phrases };
    expect(decode.searchResult({ query, hits: [] }).query).toEqual({ filters, unclear: ["type:foo"], phrases });
    expect(decode.answer({ query }).query.unclear).toEqual(["type:foo"]);
  });

  it("previews a file, or says why not", () => {
    const error = { code: "password_required", message: "locked" };
    const chunks = [{ ordinal: 0, page: 3, heading: ["一", "二"], text: "字", tokens: 1 }];
    const documents = [{ name: "a", kind: null, error, chunks: [] }, { name: "b", chunks, chunk_count: 9_000 }];
    const [locked, open] = decode.splitDocuments({ documents });
    expect(locked).toMatchObject({ kind: "", error, chunk_count: 0 });
    expect(open).toMatchObject({ chunk_count: 9_000, chunks: [{ page: 3, heading: "一 › 二", tokens: 1 }], error: null });
  });

  it("finds a passage's places by its id", () => {
    const box = { page: 1, x0: 0, y0: 0, x1: 1, y1: 0.1 };
    const { boxes, next_from } = decode.chunkBoxes({ chunks: [{ id: "c", boxes: [box] }], next_from: 500 });
    expect(boxes.get("c")).toEqual([box]);
    expect(next_from).toBe(500);
  });
});

describe("a failure", () => {
  it("keeps code, words and when to come back", () => {
    const body = { error: { code: "overloaded", message: "正忙", hint: "稍后", request_id: "r" } };
    expect(ApiFailure.fromBody(body, 429, "3")).toMatchObject({
      code: "overloaded", message: "正忙", hint: "稍后", requestId: "r", retryAfterSeconds: 3,
    });
  });

  it("has a code even when the answer was not ours", () => {
    expect(ApiFailure.fromBody("<html>", 502, null)).toMatchObject({ code: "http_502", retryAfterSeconds: null });
  });
});
