import { cutAt, type Span } from "../text/code-points";

/** Where a quote stands in a text that may have changed since it was quoted. */

export type Located = Span & { found: "exact" | "moved" | "lost" };

export function locate(text: string, start: number, end: number, quote: string): Located {
  const span = cutAt(text, start, end);
  if (quote === "" || span.marked === quote) return { ...span, found: "exact" };
  const index = quote.trim() === "" ? -1 : nearestIndex(text, quote, span.before.length);
  if (index < 0) return { ...span, found: "lost" };
  const to = index + quote.length;
  return { before: text.slice(0, index), marked: text.slice(index, to), after: text.slice(to), found: "moved" };
}

/** The occurrence of `quote` closest to where it used to be; -1 where there is none. */
function nearestIndex(text: string, quote: string, near: number): number {
  const behind = text.lastIndexOf(quote, near);
  const ahead = text.indexOf(quote, near);
  if (behind < 0 || ahead < 0) return Math.max(behind, ahead);
  return near - behind <= ahead - near ? behind : ahead;
}

/** The end of `text`, at least `length` long where there is that much, cut at a line's start. */
export function tail(text: string, length: number): string {
  if (text.length <= length) return text;
  const line = text.lastIndexOf("\n", text.length - length);
  return line < 0 ? text : text.slice(line + 1);
}

/** The beginning of `text`, at least `length` long where there is that much, cut at a line's end. */
export function head(text: string, length: number): string {
  if (text.length <= length) return text;
  const line = text.indexOf("\n", length);
  return line < 0 ? text : text.slice(0, line + 1);
}
