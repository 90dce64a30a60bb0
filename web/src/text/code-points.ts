/**
 * The server counts characters as Unicode code points; JavaScript strings count UTF-16 units, where 𠮷 and 😀 are two.
 * Every offset from the server passes through here before it touches a string.
 */

const isLeading = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isTrailing = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** The UTF-16 index of a code point offset, from `from` (itself a UTF-16 index) on; at most the text's length. */
export function utf16Index(text: string, codePoints: number, from = 0): number {
  let index = from;
  for (let left = codePoints; left > 0 && index < text.length; left -= 1) {
    const pair = isLeading(text.charCodeAt(index)) && isTrailing(text.charCodeAt(index + 1));
    index += pair ? 2 : 1;
  }
  return index;
}

export function codePointLength(text: string): number {
  let length = 0;
  for (let index = 0; index < text.length; length += 1) index = utf16Index(text, 1, index);
  return length;
}

export interface Span {
  before: string;
  marked: string;
  after: string;
}

/** The text cut at `[start, end)`, offsets in code points, clamped to the text. */
export function cutAt(text: string, start: number, end: number): Span {
  const from = utf16Index(text, Math.max(0, start));
  const to = utf16Index(text, Math.max(0, end - Math.max(0, start)), from);
  return { before: text.slice(0, from), marked: text.slice(from, to), after: text.slice(to) };
}
