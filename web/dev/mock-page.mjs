// DEVELOPMENT AND TESTS ONLY. Sets a text on pages, so that there are pictures of pages and places on them.

const WIDTH = 1000;
const HEIGHT = 1414;
const MARGIN = 110;
const SIZE = 24;
const LEADING = 42;
const UNITS = 32;
const LINES = 27;

const isWide = (character) => /[\u2e80-\uffef]|[\u{20000}-\u{3ffff}]/u.test(character);

/** Lines with their offsets in code points, broken at about `UNITS` wide characters. */
function linesOf(text) {
  const lines = [];
  let line = { start: 0, text: "", units: 0 };
  const characters = Array.from(text);
  const end = (next) => {
    lines.push({ ...line, end: line.start + Array.from(line.text).length });
    line = { start: next, text: "", units: 0 };
  };
  characters.forEach((character, index) => {
    if (character === "\n") return end(index + 1);
    const room = isWide(character) ? 1 : 0.5;
    if (line.units + room > UNITS || (character === " " && line.units > UNITS - 4)) end(index);
    line.text += character;
    line.units += room;
  });
  end(characters.length);
  return lines;
}

const laid = new WeakMap();

/** The pages of a document, each a list of lines. */
export function pagesOf(document) {
  const known = laid.get(document);
  if (known !== undefined) return known;
  const lines = linesOf(document.text ?? "");
  const pages = [];
  for (let from = 0; from < lines.length; from += LINES) pages.push(lines.slice(from, from + LINES));
  laid.set(document, pages);
  return pages;
}

export function pageOf(document, offset) {
  return 1 + Math.max(0, pagesOf(document).findIndex((lines) => lines.some(({ end }) => end > offset)));
}

/** Rectangles of the characters `[start, end)`, as fractions of the page. */
export function boxesOf(document, start, end) {
  return pagesOf(document).flatMap((lines, index) =>
    lines.flatMap((line, row) => {
      const from = Math.max(start, line.start);
      const to = Math.min(end, line.end);
      if (from >= to) return [];
      const width = (characters) => characters.reduce((sum, one) => sum + (isWide(one) ? SIZE : SIZE * 0.5), 0);
      const characters = Array.from(line.text);
      const x0 = MARGIN + width(characters.slice(0, from - line.start));
      const x1 = x0 + width(characters.slice(from - line.start, to - line.start));
      const y0 = MARGIN + row * LEADING;
      const box = { x0: x0 / WIDTH, x1: Math.min(1, x1 / WIDTH), y0: y0 / HEIGHT, y1: (y0 + LEADING * 0.85) / HEIGHT };
      return [{ page: index + 1, ...box }];
    }),
  );
}

const escaped = (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);

/** The picture of a page (as SVG, whatever the address says), or null where there is no such page. */
export function picture(document, number) {
  const lines = pagesOf(document)[number - 1];
  if (lines === undefined || !["pdf", "image"].includes(document.kind)) return null;
  const rows = lines.map(({ text }, row) => {
    const wide = Array.from(text).reduce((sum, one) => sum + (isWide(one) ? SIZE : SIZE * 0.5), 0);
    const fit = text.trim() === "" ? "" : ` textLength="${wide}" lengthAdjust="spacingAndGlyphs"`;
    return `<text x="${MARGIN}" y="${MARGIN + row * LEADING + SIZE}"${fit} xml:space="preserve">${escaped(text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"><rect width="100%" height="100%" fill="#fff"/><g font-family="Noto Serif CJK SC, serif" font-size="${SIZE}" fill="#222">${rows.join("")}</g></svg>`;
}
