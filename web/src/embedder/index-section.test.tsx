import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import i18n from "../i18n";
import { answering, show } from "../testing";
import { IndexSection } from "./index-section";

beforeEach(() => i18n.changeLanguage("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const old = { model: "use", fingerprint: "use@1", complete: true };
const young = { model: "e5", fingerprint: "e5@2", complete: true };
const embedders = [{ model: "use", fingerprint: "use@1" }, { model: "e5", fingerprint: "e5@2" }];
const filling = { documents: 4, documents_done: 1, passages: 40, passages_done: 10, failures: [], failed: 0 };

describe("the embedding model of the index", () => {
  it("is not shown where there is nothing to decide", async () => {
    const calls = answering(() => ({ active: old, embedders: [embedders[0]] }));
    show(<IndexSection />);
    await waitFor(() => expect(calls.length).toBe(1));
    expect(screen.queryByText("Embedding model")).toBeNull();
  });

  it("can be changed: the index of an installed model is built", async () => {
    const calls = answering(() => ({ active: old, embedders, unheeded_choice: "e5" }));
    show(<IndexSection />);
    expect(await screen.findByRole("status")).toBeTruthy();
    fireEvent.click(screen.getByText("Build its index"));
    await waitFor(() =>
      expect(calls.find(({ method }) => method === "POST")).toMatchObject({ path: "/api/v1/index/build", body: { embedder: "e5" } }),
    );
  });

  it("shows how far the build is and what stands in its way, and cannot be switched before its end", async () => {
    const failures = [{ document_name: "a.pdf", error: { message: "its text is gone" } }];
    answering(() => ({ active: old, other: { ...young, complete: false }, filling: { ...filling, failures, failed: 1 }, embedders }));
    show(<IndexSection />);
    expect(await screen.findByText("The index of e5 has 1 of 4 documents.")).toBeTruthy();
    expect(screen.getByText(/a\.pdf: its text is gone/)).toBeTruthy();
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Use e5" }).disabled).toBe(true);
    expect(screen.getByText("Stop building the index of e5")).toBeTruthy();
  });

  it("is switched by the fingerprint, and the other index is removed only after a question", async () => {
    const calls = answering(() => ({ active: old, other: young, filling, ready: true, embedders }));
    show(<IndexSection />);
    fireEvent.click(await screen.findByText("Use e5"));
    await waitFor(() =>
      expect(calls.find(({ method }) => method === "POST")).toMatchObject({ path: "/api/v1/index/switch", body: { embedder: "e5@2" } }),
    );
    fireEvent.click(screen.getByText("Remove the index of e5"));
    expect(calls.some(({ method }) => method === "DELETE")).toBe(false);
    fireEvent.click(screen.getByText("Remove"));
    await waitFor(() => expect(calls.some(({ method, path }) => method === "DELETE" && path === "/api/v1/index/other")).toBe(true));
  });
});
