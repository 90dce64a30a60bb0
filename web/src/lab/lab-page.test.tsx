import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { createMemoryRouter, Outlet, RouterProvider } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import i18n from "../i18n";
import { answering, show, type Call } from "../testing";
import { LabPage } from "./lab-page";

const none = { meaning_weight: null, per_document: null, mode: null, top_k: null };
const base = { id: "kb", name: "Rules", description: "", documents: 2, chunks: 2, retrieval: none };

const hit = {
  chunk_id: "c", document_id: "d", document_name: "leave.md", text: "Leave is carried over.", start: 10, end: 32, score: 0.7,
  explain: {
    stages: [
      { stage: "dense", rank: 2, score: 0.4 },
      { stage: "lexical", rank: 1, score: 8 },
      { stage: "sentences", rank: null, score: null },
      { stage: "final", rank: 1, score: 0.7 },
    ],
    matched_terms: [{ text: "leave", share: 0.75 }],
    matched_ranges: [{ start: 10, end: 15 }],
  },
};
const tuning = { mode: "hybrid", top_k: 10, meaning_weight: 1.2, per_document: null };
const found = { hits: [hit], timings_ms: { total: 4 }, query: {}, trace: { settings: tuning } };
const report = {
  verdict: "lost_in_fusion", stage: "fused",
  expected: { document_name: "library.md", text: "The library is closed." },
  stages: [{ stage: "fused", rank: 12, score: 0.3, cutoff_rank: 10, cutoff_score: 0.5 }],
  reasons: ["All in all it is number 12, and 10 are shown."],
  remedies: [{ code: "meaning_weight", message: "Set the weight of meaning to 3.", rank: 2, settings: { meaning_weight: 3 } }],
};

let reranked: unknown;
let ownWords = { words: ["Wenyuan"], documents_waiting: 0 };

function answer({ method, path, body }: Call): unknown {
  if (path.endsWith("/search")) return reranked ?? found;
  if (path.endsWith("/why-not")) return report;
  if (path.includes("/documents")) return { documents: [{ id: "d2", name: "library.md", status: "ready" }] };
  if (path.endsWith("/dictionary")) {
    if (method === "PUT") ownWords = { ...(body as { words: string[] }), documents_waiting: 3 };
    return ownWords;
  }
  return {};
}

function open() {
  const calls = answering(answer);
  const router = createMemoryRouter([{ path: "/", element: <Outlet context={base} />, children: [{ index: true, element: <LabPage /> }] }]);
  show(<RouterProvider router={router} />);
  return calls;
}

async function ask() {
  const calls = open();
  fireEvent.change(screen.getByLabelText("Question to try"), { target: { value: "leave" } });
  fireEvent.click(screen.getByText("Search"));
  await screen.findByText("leave.md", { selector: ".passage-name" });
  return calls;
}

const bodies = (calls: readonly Call[], end: string) => calls.filter(({ path }) => path.endsWith(end)).map(({ body }) => body);

beforeEach(async () => {
  sessionStorage.clear();
  reranked = undefined;
  ownWords = { words: ["Wenyuan"], documents_waiting: 0 };
  await i18n.changeLanguage("en");
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("the retrieval lab", () => {
  it("shows each hit's way through the stages that ran, and the words it holds", async () => {
    const calls = await ask();
    expect(bodies(calls, "/search")).toEqual([{ query: "leave", settings: none, explain: true }]);
    const bars = within(screen.getByRole("article")).getAllByRole("listitem");
    expect(bars.map((bar) => bar.textContent)).toEqual(["meaning0.400number 2", "words8.000number 1", "final0.700number 1"]);
    expect(screen.getByText("Leave", { selector: "mark" })).toBeTruthy();
    expect(screen.getByText("Words found: leave 75%")).toBeTruthy();
    expect(screen.getByText("default (1.2)")).toBeTruthy();
  });

  it("shows what a reranking model scored and what became of its turn", async () => {
    const stages = [
      { stage: "reranked", rank: 3, score: 0.5 },
      { stage: "cross_encoder", rank: 1, score: 0.9 },
    ];
    reranked = { ...found, hits: [{ ...hit, explain: { ...hit.explain, stages } }], reranking: { model: "judge", outcome: "done", passages: 12 } };
    await ask();
    const bars = within(screen.getByRole("article")).getAllByRole("listitem");
    expect(bars.map((bar) => bar.textContent)).toEqual(["after a closer look0.500number 3", "reranking model0.900number 1"]);
    expect(screen.getByText("judge read the best 12 passages with the question.")).toBeTruthy();
  });

  it("searches again after a slider has come to rest, and leads back to an earlier try", async () => {
    const calls = await ask();
    const slider = screen.getByLabelText("Weight of meaning");
    for (const value of ["2", "2.5", "3"]) fireEvent.change(slider, { target: { value } });
    await waitFor(() => expect(bodies(calls, "/search")).toHaveLength(2));
    expect(bodies(calls, "/search")[1]).toMatchObject({ settings: { ...none, meaning_weight: 3 } });
    await waitFor(() => expect(document.querySelectorAll(".try")).toHaveLength(2));
    fireEvent.click(document.querySelectorAll(".try")[1] as Element);
    expect((slider as HTMLInputElement).value).toBe("1.2");
  });

  it("keeps settings with the knowledge base only when told to", async () => {
    const calls = await ask();
    expect(screen.getByText<HTMLButtonElement>("Apply to this knowledge base").disabled).toBe(true);
    fireEvent.click(screen.getByLabelText("Words"));
    expect(screen.getByText("Not what this knowledge base uses; not applied yet.")).toBeTruthy();
    fireEvent.click(screen.getByText("Apply to this knowledge base"));
    await waitFor(() => expect(calls.some(({ method }) => method === "PATCH")).toBe(true));
    expect(calls.find(({ method }) => method === "PATCH")?.body).toEqual({ retrieval: { ...none, mode: "lexical" } });
    fireEvent.click(screen.getByText("Back to defaults"));
    expect(screen.getByLabelText<HTMLInputElement>("Both").checked).toBe(true);
  });

  it("tells why a document does not come, and puts a remedy on the sliders", async () => {
    const calls = await ask();
    const field = await screen.findByLabelText("Name of the document");
    fireEvent.change(field, { target: { value: "library.md" } });
    await waitFor(() => expect(screen.getByText<HTMLButtonElement>("Find out").disabled).toBe(false));
    fireEvent.click(screen.getByText("Find out"));
    expect(await screen.findByText("One way has it, both together do not", { selector: "h3" })).toBeTruthy();
    expect(bodies(calls, "/why-not")).toEqual([{ query: "leave", settings: none, document_id: "d2" }]);
    expect(screen.getByText("number 10, 0.500")).toBeTruthy();
    fireEvent.click(screen.getByText("Try this"));
    expect(screen.getByLabelText<HTMLInputElement>("Weight of meaning").value).toBe("3");
  });

  it("keeps words of the knowledge base's own, one a line, and says while documents learn them", async () => {
    const calls = open();
    const field = await screen.findByLabelText<HTMLTextAreaElement>("Words of this knowledge base, one a line");
    expect(field.value).toBe("Wenyuan");
    expect(screen.getByText<HTMLButtonElement>("Save words").disabled).toBe(true);
    fireEvent.change(field, { target: { value: "Wenyuan\n\n 小度在家 \n" } });
    expect(screen.getByText("Not saved yet.")).toBeTruthy();
    fireEvent.click(screen.getByText("Save words"));
    expect(await screen.findByText("3 documents are being gone through; new words count after that.")).toBeTruthy();
    expect(calls.find(({ method }) => method === "PUT")?.body).toEqual({ words: ["Wenyuan", "小度在家"] });
    expect(field.value).toBe("Wenyuan\n小度在家");
  });
});
