/** Unknown JSON as something of the kind that is expected, or as nothing. */

export type Json = Record<string, unknown>;

export function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function optionalText(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

export const record = (value: unknown): Json => (isRecord(value) ? value : {});
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const text = (value: unknown): string => (typeof value === "string" ? value : "");
export const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);

export const texts = (value: unknown): string[] =>
  list(value).filter((item): item is string => typeof item === "string" && item !== "");

/** Headings arrive as one string or as the path to it. */
export function heading(value: unknown): string | null {
  return Array.isArray(value) ? optionalText(value.map(text).filter(Boolean).join(" › ")) : optionalText(value);
}
