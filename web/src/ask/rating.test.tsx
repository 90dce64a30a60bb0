import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { MemoryRouter, Outlet, Route, Routes } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Answer, Citation } from "../api/types";
import i18n from "../i18n";
import { answering, show } from "../testing";
import { Rating } from "./rating";
import { newTurn, type Turn } from "./turn";

beforeEach(() => i18n.changeLanguage("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const citation = { n: 1, document_id: "d", quote: "Fifteen days.", chunk_id: "c" } as Citation;

function turn(refused: boolean): Turn {
  const asked = newTurn("t", { question: "How many days?" } as Turn["request"]);
  return { ...asked, phase: "done", citations: [citation], answer: { refused } as Answer };
}

function rate(refused: boolean) {
  show(
    <MemoryRouter>
      <Routes>
        <Route element={<Outlet context={{ id: "k", name: "Rules" }} />}>
          <Route path="*" element={<Rating turn={turn(refused)} />} />
        </Route>
      </Routes>
    </MemoryRouter>,
  );
}

describe("a finished answer", () => {
  it("becomes a gold question with what it cites, and is taken back", async () => {
    const calls = answering(({ method }) => (method === "POST" ? { id: "g" } : {}));
    rate(false);
    fireEvent.click(screen.getByText("Right"));
    await screen.findByText("Undo");
    expect(calls[0]).toEqual({
      method: "POST",
      path: "/api/v1/knowledge-bases/k/gold-questions/promote",
      body: { question: "How many days?", citations: [{ document_id: "d", quote: "Fifteen days." }], refused: false },
    });
    fireEvent.click(screen.getByText("Undo"));
    await screen.findByText("Right");
    expect(calls[1]).toMatchObject({ method: "DELETE", path: "/api/v1/knowledge-bases/k/gold-questions/g" });
  });

  it("that rightly refuses expects nothing", async () => {
    const calls = answering(() => ({ id: "g" }));
    rate(true);
    fireEvent.click(screen.getByText("Right"));
    await waitFor(() => expect(calls[0]?.body).toMatchObject({ citations: [], refused: true }));
  });

  it("leads to the retrieval lab with its question where it is wrong", () => {
    answering(() => ({}));
    rate(false);
    expect(screen.getByText("Not right").getAttribute("href")).toBe("/kb/k/lab?question=How%20many%20days%3F");
  });
});
