import type { SearchFilter } from "../api/types";

/** What a search is narrowed to, as chosen on the page. */

export const FIELDS = ["kinds", "languages", "tags", "authors", "years"] as const;
export type Field = (typeof FIELDS)[number];
export type Selection = Readonly<Record<Field, readonly string[]>>;

export const NOTHING: Selection = { kinds: [], languages: [], tags: [], authors: [], years: [] };

export function isNothing(selection: Selection): boolean {
  return FIELDS.every((field) => selection[field].length === 0);
}

/** Years are a span, for that is what the server takes: a second year makes the span reach it. */
export function toggled(selection: Selection, field: Field, value: string): Selection {
  if (field === "years") return { ...selection, years: toggledYear(selection.years, value) };
  const now = selection[field];
  return { ...selection, [field]: now.includes(value) ? now.filter((one) => one !== value) : [...now, value] };
}

/** The first and last year, or one, or none. A chosen end is let go; a year within begins anew. */
function toggledYear(years: readonly string[], value: string): readonly string[] {
  const [first, last = first] = years;
  if (first === undefined || last === undefined) return [value];
  if (value === first || value === last) return first === last ? [] : [value === first ? last : first];
  if (Number(value) < Number(first)) return [value, last];
  if (Number(value) > Number(last)) return [first, value];
  return [value];
}

export function isChosen(selection: Selection, field: Field, value: string): boolean {
  if (field !== "years") return selection[field].includes(value);
  const [first, last = first] = selection.years;
  return first !== undefined && last !== undefined && Number(first) <= Number(value) && Number(value) <= Number(last);
}

/** In the server's words; nothing where nothing is chosen. */
export function filterOf(selection: Selection): { filter?: SearchFilter } {
  if (isNothing(selection)) return {};
  const { kinds, languages, tags, authors, years } = selection;
  const [first, last = first] = years;
  const filter: SearchFilter = {
    ...(kinds.length === 0 ? {} : { kinds: [...kinds] }),
    ...(languages.length === 0 ? {} : { languages: [...languages] }),
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    ...(authors.length === 0 ? {} : { authors: [...authors] }),
    ...(first === undefined || last === undefined ? {} : { created_after: `${first}-01-01`, created_before: `${last}-12-31` }),
  };
  return { filter };
}
