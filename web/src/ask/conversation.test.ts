import { describe, expect, it, vi } from "vitest";

import { answer } from "../api/decode";
import { ApiFailure } from "../api/failure";
import type { AskEvent, AskRequest } from "../api/types";
import { Conversation } from "./conversation";

const request: AskRequest = { question: "年假几天？", mode: "answer", strict: false };
const done: AskEvent = { type: "done", answer: answer({ answer: "5 天。" }) };

function shelf(text: string | null = null) {
  return { load: () => text, save: vi.fn<(text: string) => void>() };
}

async function* events(...list: AskEvent[]): AsyncGenerator<AskEvent> {
  for (const event of list) yield await Promise.resolve(event);
}

async function* untilAborted(_: AskRequest, signal: AbortSignal): AsyncGenerator<AskEvent> {
  yield { type: "token", text: "年假" };
  await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new DOMException("", "AbortError"))));
}

describe("a conversation", () => {
  it("keeps finished answers for the next visit to the page", async () => {
    const kept = shelf();
    const conversation = new Conversation(() => events({ type: "token", text: "5" }, done), kept);
    await conversation.start(request);
    expect(conversation.snapshot()).toMatchObject([{ phase: "done", text: "5 天。" }]);
    const again = new Conversation(() => events(), shelf(kept.save.mock.lastCall?.[0] ?? null));
    expect(again.snapshot()).toEqual(conversation.snapshot());
  });

  it("takes up answers that an earlier page kept, which told nothing of how a question was understood", async () => {
    const kept = shelf();
    await new Conversation(() => events(done), kept).start(request);
    const before = (kept.save.mock.lastCall?.[0] ?? "").replace(/,"query":\{[^}]*\}/, "");
    expect(before).not.toContain("query");
    const [turn] = new Conversation(() => events(), shelf(before)).snapshot();
    expect(turn?.answer?.query).toEqual({ filters: [], unclear: [], phrases: [] });
  });

  it("aborts the request when stopped, and keeps what was written", async () => {
    const signals: AbortSignal[] = [];
    const ask = (asked: AskRequest, signal: AbortSignal) => {
      signals.push(signal);
      return untilAborted(asked, signal);
    };
    const conversation = new Conversation(ask, shelf());
    const started = conversation.start(request);
    await vi.waitFor(() => expect(conversation.snapshot()[0]?.text).toBe("年假"));
    conversation.stop();
    await started;
    expect(signals[0]?.aborted).toBe(true);
    expect(conversation.snapshot()).toMatchObject([{ phase: "stopped", text: "年假", failure: null }]);
  });

  it("asks one question at a time", async () => {
    const conversation = new Conversation(untilAborted, shelf());
    const first = conversation.start(request);
    await conversation.start(request);
    expect(conversation.snapshot()).toHaveLength(1);
    conversation.clear();
    await first;
    expect(conversation.snapshot()).toEqual([]);
  });

  it("replaces a failed answer when it is asked again", async () => {
    let calls = 0;
    const ask = () => {
      calls += 1;
      if (calls === 1) throw new ApiFailure("overloaded", "", 429, null, null, 3);
      return events(done);
    };
    const conversation = new Conversation(ask, shelf());
    await conversation.start(request);
    const [failed] = conversation.snapshot();
    expect(failed).toMatchObject({ phase: "failed", failure: { code: "overloaded" } });
    if (failed !== undefined) conversation.again(failed);
    await vi.waitFor(() => expect(conversation.snapshot()).toMatchObject([{ phase: "done" }]));
  });
});
