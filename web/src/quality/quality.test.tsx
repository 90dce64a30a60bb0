import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { calibration } from "../api/decode";
import { figures } from "../api/quality";
import i18n from "../i18n";
import { answering, show, type Call } from "../testing";
import { CalibrationNote } from "./calibration-note";
import { GoldList } from "./gold-list";
import { Measured } from "./measured";

beforeEach(() => i18n.changeLanguage("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const fitted = { threshold: 0.31, built_in: 0.2, refused: 0.734, lost: 0.042, made: 200, gold: 25, in_use: true };

describe("the note on refusals", () => {
  it("says what the threshold refuses and loses, in both languages", async () => {
    answering(() => ({}));
    show(<CalibrationNote kb="k" calibration={fitted} />);
    expect(screen.getByText("Refuses 73% of unanswerable questions, loses 4% of answerable ones.")).toBeTruthy();
    await i18n.changeLanguage("zh");
    expect(await screen.findByText("拒答 73% 的无答案问题，误拒 4% 的有答案问题。")).toBeTruthy();
  });

  it("fits and takes back the threshold", async () => {
    const calls = answering(() => ({}));
    show(<CalibrationNote kb="k" calibration={fitted} />);
    fireEvent.click(screen.getByText("Calibrate"));
    await waitFor(() => expect(calls[0]).toMatchObject({ method: "POST", path: "/api/v1/knowledge-bases/k/calibrate" }));
    fireEvent.click(await screen.findByText("Use the built-in threshold"));
    await waitFor(() => expect(calls.some(({ method, path }) => method === "DELETE" && path.endsWith("/calibration"))).toBe(true));
  });

  it("is not shown for what a server does not tell", () => {
    expect(calibration(undefined)).toBeNull();
    expect(calibration({ refused: 1 })).toBeNull();
  });
});

describe("gold questions", () => {
  it("are listed, added without a document as unanswerable, and removed", async () => {
    const server = ({ method }: Call): unknown =>
      method === "GET"
        ? { total: 1, gold_questions: [{ id: "g", question: "How high?", answerable: true, expected: [{ document_name: "a.txt" }] }] }
        : {};
    const calls = answering(server);
    show(<GoldList kb="k" />);
    expect(await screen.findByText("How high?")).toBeTruthy();
    expect(screen.getByText("a.txt")).toBeTruthy();
    fireEvent.change(screen.getByLabelText("Question"), { target: { value: "Who?" } });
    fireEvent.click(screen.getByText("Add"));
    await waitFor(() =>
      expect(calls.find(({ method }) => method === "POST")?.body).toEqual({ question: "Who?", answerable: false, expected: [] }),
    );
    fireEvent.click(await screen.findByLabelText("Remove “How high?”"));
    await waitFor(() => expect(calls.some(({ method, path }) => method === "DELETE" && path.endsWith("/gold-questions/g"))).toBe(true));
  });
});

describe("figures", () => {
  it("come with their intervals", async () => {
    answering(() => ({ recall_at_1: 0.9, intervals: { recall_at_1: [0.85, 0.95] } }));
    show(<Measured kb="k" />);
    fireEvent.click(screen.getByText("Measure"));
    expect(await screen.findByText("0.850 – 0.950")).toBeTruthy();
  });

  it("that a server does not tell are left out", () => {
    expect(figures({ recall_at_1: 1, mrr_at_10: null })).toEqual([{ name: "recall_at_1", value: 1, low: null, high: null }]);
  });
});
