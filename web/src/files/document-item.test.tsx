import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import * as decode from "../api/decode";
import i18n from "../i18n";
import { answering, show } from "../testing";
import { DocumentItem } from "./document-item";

beforeEach(() => i18n.changeLanguage("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const base = { id: "d", job_id: "j", name: "log.pdf", kind: "pdf", bytes: 1_000, created_at: "2026-11-25T08:00:00Z" };
const item = (row: object) => <DocumentItem kb="k" row={decode.documentRow({ ...base, ...row })} onTag={() => undefined} />;

describe("a file in the list", () => {
  it("says stage, page and time left while it is read", () => {
    show(item({ status: "running", stage: "reading", pages_done: 88, pages_total: 240, seconds_left: 96 }));
    expect(screen.getByText("Reading · page 88 of 240 · about 2 minutes left")).toBeTruthy();
    expect(screen.getByRole("progressbar", { name: "Progress of log.pdf" })).toHaveProperty("value", 88 / 240);
  });

  it("counts no seconds where only a few are left", () => {
    show(item({ status: "running", stage: "embedding", chunks_done: 7, chunks_total: 8, seconds_left: 1 }));
    expect(screen.getByText("Indexing · passage 7 of 8 · a few seconds left")).toBeTruthy();
  });

  it("says nothing of a time that is not known", () => {
    show(item({ status: "running", stage: "embedding", chunks_done: 3, chunks_total: 8 }));
    expect(screen.getByText("Indexing · passage 3 of 8")).toBeTruthy();
  });

  it("says what it waits for when it stands still", () => {
    const standing = { status: "running", stage: "embedding", chunks_done: 3, chunks_total: 8, seconds_left: 96 } as const;
    const { unmount } = show(item({ ...standing, waiting_for_index: true }));
    expect(screen.getByText("Indexing · passage 3 of 8 · waiting while the index is put in order · about 2 minutes left")).toBeTruthy();
    unmount();
    show(item({ status: "running", stage: "splitting", chunks_done: 0, chunks_total: 8, waiting_for_turn: true }));
    expect(screen.getByText("Splitting into passages · passage 0 of 8 · waiting for its turn")).toBeTruthy();
  });

  it("shows few remarks as they are, and many by kind with every page to unfold", () => {
    const read = (page: number) => ({ code: "page_read_by_ocr", page, message: `Page ${page} was read by OCR, ${90 + page}% sure.` });
    const { unmount } = show(item({ status: "ready", warnings: [read(1)] }));
    expect(screen.getByText("Page 1 was read by OCR, 91% sure.")).toBeTruthy();
    unmount();
    show(item({ status: "ready", warnings: [1, 2, 3, 5].map(read) }));
    expect(screen.getByText("Read by OCR, 91–95% sure: pages 1–3, 5.")).toBeTruthy();
    const details = screen.getByText("Page by page").closest("details");
    if (details !== null) {
      details.open = true;
      fireEvent(details, new Event("toggle"));
    }
    expect(screen.getByText("Page 5 was read by OCR, 95% sure.")).toBeTruthy();
  });

  it("asks for the password where the file is locked, and is kind about a wrong one", async () => {
    const locked = { status: "failed", error: { code: "password_required", message: "It has a password." } };
    const calls = answering(() => ({}));
    show(item(locked));
    expect(screen.getByText(/With its password it can be read/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: /Read again/ })).toBeNull();
    const field = screen.getByLabelText("Password of “log.pdf”");
    fireEvent.change(field, { target: { value: "barrel" } });
    fireEvent.click(screen.getByRole("button", { name: "Open with password" }));
    await waitFor(() => expect(screen.getByRole("alert").textContent).toMatch(/did not open it/));
    expect(calls[0]).toEqual({ method: "POST", path: "/api/v1/jobs/j/retry", body: { password: "barrel" } });
    expect(field).toHaveProperty("value", "");
  });

  it("asks for the password of what is locked within a file that was read", async () => {
    const warnings = [{ code: "member_locked", message: "quote.pdf: the file is protected." }];
    const calls = answering(() => ({}));
    show(item({ id: "parts", status: "ready", chunks: 3, warnings }));
    expect(screen.getByText(/Some of what is in this file is locked/)).toBeTruthy();
    fireEvent.change(screen.getByLabelText("Password of “log.pdf”"), { target: { value: "open123" } });
    fireEvent.click(screen.getByRole("button", { name: "Open with password" }));
    await waitFor(() => expect(calls[0]).toEqual({ method: "POST", path: "/api/v1/jobs/j/retry", body: { password: "open123" } }));
  });

  it("shows its tags, which narrow the list", () => {
    const onTag = vi.fn();
    show(<DocumentItem kb="k" row={decode.documentRow({ ...base, status: "ready", tags: ["合同"], author: "Lin" })} onTag={onTag} />);
    expect(screen.getByText("by Lin")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Show files tagged “合同”" }));
    expect(onTag).toHaveBeenCalledWith("合同");
  });
});
