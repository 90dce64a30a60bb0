import { heading, isRecord, list, number, optionalText, record, text, texts } from "./json";
import type { Explained, Reranking, RetrievalSettings, SearchMode, StageRank, Tuning, WhyNotReport } from "./types";

/** How searches came to their hits, why others did not come, and what both go by. */

function mode(value: unknown): SearchMode | null {
  return value === "hybrid" || value === "dense" || value === "lexical" ? value : null;
}

export function retrievalSettings(value: unknown): RetrievalSettings {
  const json = record(value);
  return {
    meaning_weight: number(json["meaning_weight"]),
    per_document: number(json["per_document"]),
    mode: mode(json["mode"]),
    top_k: number(json["top_k"]),
  };
}

export function tuning(value: unknown): Tuning | null {
  const { meaning_weight, per_document, mode: legs, top_k } = retrievalSettings(value);
  if (meaning_weight === null || legs === null || top_k === null) return null;
  return { meaning_weight, per_document, mode: legs, top_k };
}

export function reranking(json: Record<string, unknown>): Reranking {
  return { model: text(json["model"]), outcome: text(json["outcome"]), passages: number(json["passages"]) ?? 0 };
}

function stageRank(value: unknown): StageRank {
  const json = record(value);
  return { stage: text(json["stage"]), rank: number(json["rank"]), score: number(json["score"]) };
}

export function explained(value: unknown): Explained {
  const json = record(value);
  const words = list(json["matched_terms"]).map(record);
  const ranges = list(json["matched_ranges"]).map(record);
  return {
    stages: list(json["stages"]).map(stageRank),
    matched_terms: words.map((word) => ({ text: text(word["text"]), share: number(word["share"]) ?? 0 })),
    matched_ranges: ranges.flatMap((range) => {
      const [start, end] = [number(range["start"]), number(range["end"])];
      return start === null || end === null ? [] : [{ start, end }];
    }),
  };
}

/** Only what a remedy changes. */
function change(value: unknown): Partial<RetrievalSettings> | null {
  if (!isRecord(value)) return null;
  const entries = Object.entries(retrievalSettings(value)).filter(([, setting]) => setting !== null);
  return Object.fromEntries(entries);
}

export function whyNotReport(value: unknown): WhyNotReport {
  const json = record(value);
  const expected = isRecord(json["expected"]) ? json["expected"] : null;
  return {
    verdict: text(json["verdict"]),
    stage: text(json["stage"]),
    expected: expected && {
      document_name: text(expected["document_name"]),
      heading: heading(expected["heading"]),
      page: number(expected["page"]),
      text: optionalText(expected["text"]),
    },
    stages: list(json["stages"]).map((stage) => ({
      ...stageRank(stage),
      cutoff_rank: number(record(stage)["cutoff_rank"]),
      cutoff_score: number(record(stage)["cutoff_score"]),
    })),
    reasons: texts(json["reasons"]),
    remedies: list(json["remedies"]).map(record).map((remedy) => ({
      code: text(remedy["code"]),
      message: text(remedy["message"]),
      rank: number(remedy["rank"]) ?? 0,
      settings: change(remedy["settings"]),
    })),
  };
}
