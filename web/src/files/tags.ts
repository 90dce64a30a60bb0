/** Tags as people type them: with commas of either language between them, no doubles, none empty. */

export const MOST_TAGS = 32;

export function parseTags(text: string): string[] {
  const tags = text.split(/[,，、;；\n]/).map((tag) => tag.trim().replace(/^#/, ""));
  return [...new Set(tags.filter((tag) => tag !== ""))].slice(0, MOST_TAGS);
}

export function joinTags(tags: readonly string[], language: string): string {
  return tags.join(language.startsWith("zh") ? "，" : ", ");
}
