import type { Turn } from "./turn";

/** The answer as plain text with its citation numbers, and the quotes it rests on. */
export function answerWithSources(turn: Turn, heading: string, page: (number: number) => string): string {
  const body =
    turn.sentences.length === 0
      ? turn.text
      : turn.sentences.map(({ text, citations }) => text.trim() + citations.map((n) => `[${n}]`).join("")).join("\n");
  if (turn.citations.length === 0) return body;
  const sources = turn.citations.map((citation) => {
    const place = [citation.document_name, citation.page === null ? null : page(citation.page), citation.heading];
    return `[${citation.n}] ${place.filter((part) => part !== null).join(" · ")}\n    ${citation.quote.trim()}`;
  });
  return `${body}\n\n${heading}\n${sources.join("\n")}\n`;
}
