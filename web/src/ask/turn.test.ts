import { describe, expect, it } from "vitest";

import { answer, askEvent } from "../api/decode";
import type { AskEvent } from "../api/types";
import { answerWithSources } from "./answer-with-sources";
import { after, newTurn, notCited, type Turn } from "./turn";

const citation = { n: 1, chunk_id: "c1", document_name: "手册.pdf", page: 4, heading: ["休假"], quote: "年休假 5 天。" };
const sentence = { text: "年假是 5 天。", support: "supported", citations: [1] };
const done = answer({ answer: "年假是 5 天。", sentences: [sentence], citations: [citation] });

function run(events: (AskEvent | null)[]): Turn {
  const start = newTurn("1", { question: "年假几天？", mode: "answer", strict: false });
  return events.filter((event) => event !== null).reduce(after, start);
}

describe("an answer in the making", () => {
  it("grows token by token, then sentence by sentence", () => {
    const turn = run([
      askEvent("retrieval", { hits: [{ chunk_id: "c1" }, { chunk_id: "c2" }] }),
      askEvent("token", { text: "年假" }),
      askEvent("token", { text: "是" }),
    ]);
    expect(turn).toMatchObject({ phase: "writing", text: "年假是" });
    expect(after(turn, { type: "sentence", sentence: done.sentences[0] ?? { text: "", support: "weak", citations: [] } }).phase).toBe("checking");
  });

  it("is in the end what the last event says, even if that is less than was streamed", () => {
    const turn = run([askEvent("token", { text: "年假是 5 天。另外会涨薪。" }), { type: "done", answer: done }]);
    expect(turn).toMatchObject({ phase: "done", text: "年假是 5 天。" });
  });

  it("lists as found but not cited only what no citation rests on", () => {
    const turn = run([
      askEvent("retrieval", { hits: [{ chunk_id: "c1" }, { chunk_id: "c2" }] }),
      { type: "done", answer: done },
    ]);
    expect(notCited(turn).map((hit) => hit.chunk_id)).toEqual(["c2"]);
  });

  it("is copied with its citations and quotes", () => {
    const text = answerWithSources(run([{ type: "done", answer: done }]), "出处", (page) => `第 ${page} 页`);
    expect(text).toBe("年假是 5 天。[1]\n\n出处\n[1] 手册.pdf · 第 4 页 · 休假\n    年休假 5 天。\n");
  });
});
