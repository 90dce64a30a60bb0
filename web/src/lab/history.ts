import type { RetrievalSettings } from "../api/types";
import { sameSettings } from "./settings";

/** What was tried in this visit: question, settings and what came first. */

export interface Try {
  query: string;
  settings: RetrievalSettings;
  /** The document that came first; null where nothing came. */
  first: string | null;
}

const MOST = 30;

/** The newest first; the same question with the same settings is listed once. */
export function remembered(tries: readonly Try[], one: Try): readonly Try[] {
  const others = tries.filter(({ query, settings }) => query !== one.query || !sameSettings(settings, one.settings));
  return [one, ...others].slice(0, MOST);
}

/** What was kept, or nothing where it cannot be read. */
export function restored(kept: string | null): readonly Try[] {
  try {
    const tries: unknown = JSON.parse(kept ?? "[]");
    return Array.isArray(tries) ? tries.filter(isTry).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

function isTry(value: unknown): value is Try {
  if (typeof value !== "object" || value === null) return false;
  const { query, settings, first } = value as Record<string, unknown>;
  const isSettings = typeof settings === "object" && settings !== null;
  return typeof query === "string" && isSettings && (first === null || typeof first === "string");
}
