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
