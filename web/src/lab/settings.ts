import type { RetrievalSettings, SearchMode } from "../api/types";

/** Retrieval settings as the page holds them; `null` is the product's default. */

export const MODES: readonly SearchMode[] = ["hybrid", "dense", "lexical"];

export const DEFAULTS: RetrievalSettings = { meaning_weight: null, per_document: null, mode: null, top_k: null };

/** What the default comes to where the server has not said. */
export const USUAL_TOP_K = 10;
export const USUAL_WEIGHT = 1;

/** The slider's last place stands for no limit. */
export const MOST_PER_DOCUMENT = 10;

const FIELDS = ["meaning_weight", "per_document", "mode", "top_k"] as const;

export function sameSettings(one: RetrievalSettings, other: RetrievalSettings): boolean {
  return FIELDS.every((field) => one[field] === other[field]);
}

export function isDefault(settings: RetrievalSettings): boolean {
  return sameSettings(settings, DEFAULTS);
}

/** The settings with what a remedy changes in them. */
export function withRemedy(settings: RetrievalSettings, remedy: Partial<RetrievalSettings>): RetrievalSettings {
  return { ...settings, ...remedy };
}
