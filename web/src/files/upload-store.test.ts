import { describe, expect, it, vi } from "vitest";

import { ApiFailure } from "../api/failure";
import type { Accepted } from "../api/types";
import { UploadStore } from "./upload-store";

const accepted: Accepted = { document_id: "d", job_id: "j", name: "a", known: false, error: null };
const files = (...names: string[]) => names.map((name) => ({ file: new File(["x"], name), name }));

describe("uploads", () => {
  it("go three at a time and leave when taken", async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    let now = 0;
    const store = new UploadStore(async () => {
      most = Math.max(most, ++now);
      await new Promise<void>((resolve) => waiting.push(resolve));
      now -= 1;
      return accepted;
    });
    store.add(files("1", "2", "3", "4", "5", "6", "7"));
    await vi.waitFor(() => {
      waiting.splice(0).forEach((finish) => finish());
      expect(store.snapshot()).toEqual([]);
    });
    expect(most).toBe(3);
  });

  it("stay with the reason when refused, and can be sent again", async () => {
    const send = vi
      .fn<() => Promise<Accepted>>()
      .mockResolvedValueOnce({ ...accepted, error: { code: "empty_file", message: "" } })
      .mockRejectedValueOnce(ApiFailure.unreachable())
      .mockResolvedValueOnce(accepted);
    const store = new UploadStore(send);
    store.add(files("a"));
    await vi.waitFor(() => expect(store.snapshot()).toMatchObject([{ state: "refused", reason: { code: "empty_file" } }]));
    store.retry(store.snapshot()[0]?.key ?? 0);
    await vi.waitFor(() => expect(store.snapshot()).toMatchObject([{ state: "refused", reason: { code: "unreachable" } }]));
    store.retry(store.snapshot()[0]?.key ?? 0);
    await vi.waitFor(() => expect(store.snapshot()).toEqual([]));
  });

  it("wait as long as a full server asks", async () => {
    vi.useFakeTimers();
    const send = vi
      .fn<() => Promise<Accepted>>()
      .mockRejectedValueOnce(new ApiFailure("overloaded", "", 429, null, null, 5))
      .mockResolvedValueOnce(accepted);
    const store = new UploadStore(send);
    store.add(files("a"));
    await vi.advanceTimersByTimeAsync(4_000);
    expect(store.snapshot()).toMatchObject([{ state: "waiting" }]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(store.snapshot()).toEqual([]);
    vi.useRealTimers();
  });

  it("take along what was chosen when they were added, unless they say it themselves", async () => {
    const sent: unknown[] = [];
    const store = new UploadStore((upload) => {
      sent.push(upload.metadata);
      return Promise.resolve(accepted);
    });
    store.add(files("a"));
    store.choose({ preset: "qa", tags: ["常见问题"] });
    store.add([...files("b"), ...files("c").map((file) => ({ ...file, metadata: { password: "p" } }))]);
    await vi.waitFor(() => expect(store.snapshot()).toEqual([]));
    expect(sent).toEqual([{}, { preset: "qa", tags: ["常见问题"] }, { password: "p" }]);
  });

  it("say where the same content already is", async () => {
    const store = new UploadStore(() => Promise.resolve({ ...accepted, name: "旧名.pdf", known: true }));
    store.add(files("新名.pdf"));
    await vi.waitFor(() => expect(store.snapshot()).toMatchObject([{ state: "known", knownAs: "旧名.pdf" }]));
  });

  it("stop when taken off the list", () => {
    const signals: AbortSignal[] = [];
    const store = new UploadStore((_upload, _progress, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    store.add(files("a"));
    store.remove(store.snapshot()[0]?.key ?? 0);
    expect(signals[0]?.aborted).toBe(true);
    expect(store.snapshot()).toEqual([]);
  });
});
