import { callJson } from "./client";
import { isRecord, optionalText } from "./decode";

/** Gold questions, evaluation and calibration, as API.md has them. */

export interface GoldQuestion {
  id: string;
  question: string;
  answerable: boolean;
  documents: string[];
}

export interface GoldQuestions {
  questions: GoldQuestion[];
  total: number;
}

export interface Figure {
  name: string;
  value: number;
  low: number | null;
  high: number | null;
}

/** Figures that the page shows, in this order. */
export const FIGURES = [
  "recall_at_1", "recall_at_5", "recall_at_10", "mrr_at_10", "ndcg_at_10", "gate_refusal_recall", "gate_false_refusal_rate",
] as const;

const LISTED = 200;

const base = (kb: string, ...parts: string[]): string =>
  ["/api/v1/knowledge-bases", ...[kb, ...parts].map(encodeURIComponent)].join("/");

const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);

function goldQuestion(value: unknown): GoldQuestion | null {
  if (!isRecord(value)) return null;
  const expected = Array.isArray(value["expected"]) ? value["expected"] : [];
  const names = expected.map((one) => (isRecord(one) ? optionalText(one["document_name"]) : null));
  return {
    id: optionalText(value["id"]) ?? "",
    question: optionalText(value["question"]) ?? "",
    answerable: value["answerable"] !== false,
    documents: names.filter((name): name is string => name !== null),
  };
}

export function goldQuestions(value: unknown): GoldQuestions {
  const found = isRecord(value) && Array.isArray(value["gold_questions"]) ? value["gold_questions"] : [];
  const questions = found.map(goldQuestion).filter((one): one is GoldQuestion => one !== null);
  return { questions, total: (isRecord(value) ? number(value["total"]) : null) ?? questions.length };
}

export function figures(value: unknown): Figure[] {
  const run = isRecord(value) ? value : {};
  const intervals = isRecord(run["intervals"]) ? run["intervals"] : {};
  return FIGURES.flatMap((name) => {
    const found = number(run[name]);
    const range = intervals[name];
    const [low, high] = Array.isArray(range) ? (range as unknown[]) : [];
    return found === null ? [] : [{ name, value: found, low: number(low), high: number(high) }];
  });
}

export async function listGoldQuestions(kb: string, signal?: AbortSignal): Promise<GoldQuestions> {
  return goldQuestions(await callJson(`${base(kb, "gold-questions")}?limit=${LISTED}`, { signal }));
}

/** Without a document it is a question that nothing answers. */
export async function addGoldQuestion(kb: string, question: string, document: string): Promise<void> {
  const expected = document === "" ? [] : [{ document }];
  const body = { question, answerable: document !== "", expected };
  await callJson(base(kb, "gold-questions"), { method: "POST", body });
}

/** Keeps an answer that a person found right: what it cites is expected from now on. Gives the gold question's id. */
export async function promoteAnswer(
  kb: string,
  question: string,
  citations: readonly { document_id: string; quote: string }[],
  refused: boolean,
): Promise<string> {
  const kept = citations.map(({ document_id, quote }) => ({ document_id, quote }));
  const body = { question, citations: refused ? [] : kept, refused };
  return goldQuestion(await callJson(base(kb, "gold-questions", "promote"), { method: "POST", body }))?.id ?? "";
}

export async function removeGoldQuestion(kb: string, id: string): Promise<void> {
  await callJson(base(kb, "gold-questions", id), { method: "DELETE" });
}

export async function evaluate(kb: string): Promise<Figure[]> {
  return figures(await callJson(base(kb, "evaluate"), { method: "POST", body: {} }));
}

export async function calibrate(kb: string): Promise<void> {
  await callJson(base(kb, "calibrate"), { method: "POST", body: {} });
}

export async function forgetCalibration(kb: string): Promise<void> {
  await callJson(base(kb, "calibration"), { method: "DELETE" });
}
