// DEVELOPMENT AND TESTS ONLY. Cuts a text at empty lines, as if for a preview.
import { pageOf } from "./mock-page.mjs";

const PIECES = { qa: 1, table: 3, auto: 2, prose: 3, manual: 2, slides: 1, code: 2 };

/** Passages of some paragraphs each, with offsets in code points. */
export function cut(document, preset = "auto") {
  const chunks = [];
  let heading = null;
  let at = 0;
  let held = [];
  const flush = () => {
    if (held.length === 0) return;
    const text = held.map(({ text }) => text).join("\n\n");
    const start = held[0].start;
    chunks.push({
      ordinal: chunks.length, start, end: start + Array.from(text).length, text, heading: heading === null ? [] : [heading],
      page: document.kind === "pdf" ? pageOf(document, start) : null, tokens: Math.ceil(Array.from(text).length * 0.7),
    });
    held = [];
  };
  for (const paragraph of (document.text ?? "").split("\n\n")) {
    const text = paragraph.trim();
    const start = at;
    at += Array.from(paragraph).length + 2;
    if (text === "") continue;
    if (!text.includes("\n") && Array.from(text).length < 30 && !/[。.]$/.test(text)) {
      flush();
      heading = text;
      continue;
    }
    held.push({ text, start });
    if (held.length >= (PIECES[preset] ?? 2)) flush();
  }
  flush();
  return chunks;
}

/** What `POST /api/v1/split` says of one document. */
export function preview(document, preset) {
  const { name, kind, text = "", warnings = [], error } = document;
  const known = { name, kind, title: null, language: null, pages: null, characters: 0, preset: preset ?? "auto", warnings: [], chunks: [] };
  if (error) return { ...known, error };
  return {
    ...known, title: text.split("\n")[0].replace(/^#+\s*/, ""), language: /\p{Script=Han}/u.test(text) ? "zh" : "en",
    pages: kind === "pdf" ? pageOf(document, Array.from(text).length - 1) : null, characters: Array.from(text).length,
    preset: preset === undefined || preset === "auto" ? "prose" : preset, warnings, chunks: cut(document, preset),
  };
}
