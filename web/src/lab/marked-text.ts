import type { Range } from "../api/types";
import { utf16Index } from "../text/code-points";

export interface Piece {
  text: string;
  marked: boolean;
}

/** A text cut at ranges, which count code points of the document in which it begins at `start`. */
export function cuts(text: string, start: number, ranges: readonly Range[]): Piece[] {
  const pieces: Piece[] = [];
  let [index, at] = [0, 0];
  const take = (until: number, marked: boolean) => {
    const end = utf16Index(text, until - at, index);
    if (end > index) pieces.push({ text: text.slice(index, end), marked });
    [index, at] = [end, Math.max(at, until)];
  };
  for (const range of ranges.toSorted((one, other) => one.start - other.start)) {
    const [from, to] = [Math.max(range.start - start, at), range.end - start];
    if (to <= from) continue;
    take(from, false);
    take(to, true);
  }
  if (index < text.length) pieces.push({ text: text.slice(index), marked: false });
  return pieces;
}
