import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import i18n from "../i18n";
import { answering, show } from "../testing";
import type { Passage } from "./source-context";
import { SourcePage } from "./source-page";

beforeEach(() => i18n.changeLanguage("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const passage: Passage = {
  documentId: "d", documentName: "log.pdf", chunkId: "c", page: 2, heading: null, start: 0, end: 4, quote: "kelp", n: 1,
  boxes: [{ page: 2, x0: 0.1, y0: 0.2, x1: 0.6, y1: 0.25 }],
};

const view = (change: Partial<Passage> = {}, onMissing: () => void = () => undefined) =>
  show(
    <SourcePage kb="k" passage={{ ...passage, ...change }} total={3} onMissing={onMissing}>
      <span />
    </SourcePage>,
  );
const picture = () => document.querySelector("img");
const marks = () => Array.from(document.querySelectorAll<HTMLElement>(".page-mark"));

describe("the picture of a page", () => {
  it("is fetched at the cited page, with the quote marked by fractions of it", () => {
    view();
    expect(picture()?.getAttribute("src")).toBe("/api/v1/knowledge-bases/k/documents/d/pages/2.png?width=1400");
    expect(marks().map(({ style }) => [style.left, style.top, style.width])).toEqual([["10%", "20%", "50%"]]);
    expect(screen.getByText("Marked on this page: kelp")).toBeTruthy();
  });

  it("is turned within the document, and back to the quote", () => {
    view();
    fireEvent.click(screen.getByRole("button", { name: "Next page" }));
    expect(picture()?.getAttribute("src")).toContain("/pages/3.png");
    expect(marks()).toEqual([]);
    expect(screen.getByRole("button", { name: "Next page" })).toHaveProperty("disabled", true);
    fireEvent.click(screen.getByText("Back to page 2"));
    expect(marks()).toHaveLength(1);
  });

  it("takes the places from the passage where the hit has none", async () => {
    const box = { page: 1, x0: 0, y0: 0.5, x1: 1, y1: 0.6 };
    const calls = answering(({ path }) =>
      path.includes("from=0") ? { chunks: [{ id: "x", boxes: [] }], next_from: 500 } : { chunks: [{ id: "c", boxes: [box] }] },
    );
    view({ boxes: [] });
    await waitFor(() => expect(marks()).toHaveLength(1));
    expect(picture()?.getAttribute("src")).toContain("/pages/1.png");
    expect(calls).toHaveLength(2);
  });

  it("gives way to the text where there is none", () => {
    const onMissing = vi.fn();
    view({}, onMissing);
    const image = picture();
    if (image !== null) fireEvent.error(image);
    expect(onMissing).toHaveBeenCalledOnce();
  });
});
