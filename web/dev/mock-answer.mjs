// DEVELOPMENT AND TESTS ONLY. Finds sentences by shared characters and words; no model, no index.

import { boxesOf, pageOf } from "./mock-page.mjs";

const han = /\p{Script=Han}/u;

/** Words, and pairs of Han characters. */
function terms(text) {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const characters = Array.from(text).filter((character) => han.test(character));
  const pairs = characters.slice(1).map((character, index) => characters[index] + character);
  const stop = new Set(["the", "of", "a", "is", "in", "to", "was", "what", "how", "were", "on", "by", "did", "and", "many"]);
  return new Set([...words.filter((word) => !stop.has(word)), ...pairs]);
}

/** Sentences with their offsets in code points. */
function sentencesOf(text) {
  const found = [];
  const characters = Array.from(text);
  let start = 0;
  let heading = null;
  const push = (end) => {
    const raw = characters.slice(start, end).join("");
    const lead = Array.from(raw.match(/^\s*/)[0]).length;
    const body = raw.trim();
    if (body !== "") {
      if (!/[。.;；！？]$/.test(body)) heading = body;
      else found.push({ text: body, start: start + lead, end: start + lead + Array.from(body).length, heading });
    }
    start = end;
  };
  characters.forEach((character, index) => {
    const next = characters[index + 1] ?? "\n";
    if (character === "\n" || "。！？".includes(character) || (character === "." && /\s/.test(next))) push(index + 1);
  });
  push(characters.length);
  return found;
}

function similarity(question, sentence) {
  const asked = terms(question);
  const have = terms(sentence);
  let shared = 0;
  for (const term of asked) if (have.has(term)) shared += 1;
  return asked.size === 0 ? 0 : shared / asked.size;
}

export function search(documents, query, topK = 10) {
  return documents
    .filter((document) => document.status === "ready" && document.text)
    .flatMap((document) =>
      sentencesOf(document.text).map((sentence, index) => {
        const score = similarity(query, sentence.text);
        return {
          chunk_id: `${document.id}-${index}`,
          document_id: document.id,
          document_name: document.name,
          page: document.kind === "pdf" ? pageOf(document, sentence.start) : null,
          heading: sentence.heading,
          text: sentence.text,
          start: sentence.start,
          end: sentence.end,
          score,
          scores: { dense: 0.4 + score / 2, lexical: score * 14, fused: score, rerank: null },
          boxes: ["pdf", "image"].includes(document.kind) ? boxesOf(document, sentence.start, sentence.end) : [],
        };
      }),
    )
    .filter((hit) => hit.score > 0.05)
    .sort((a, b) => b.score - a.score)
    .slice(0, topK);
}

export function answer(documents, { question, mode, strict }) {
  const hits = search(documents, question, 8);
  const good = hits.filter((hit) => hit.score >= 0.3).slice(0, 3);
  const zh = han.test(question);
  const citations = good.map(({ text, score: _, scores: __, ...hit }, index) => ({ ...hit, n: index + 1, quote: text }));
  const sentences = good.map((hit, index) => ({ text: hit.text, support: "supported", citations: [index + 1] }));
  if (good.length > 0 && mode !== "quote") {
    sentences.push(zh
      ? { text: "其他部门也按这一规定执行。", support: "weak", citations: [1] }
      : { text: "The same holds for the other sites.", support: "weak", citations: [1] });
    if (!strict) sentences.push(zh
      ? { text: "这项规定预计明年会再次调整。", support: "unsupported", citations: [] }
      : { text: "This is expected to change next year.", support: "unsupported", citations: [] });
  }
  const text = sentences.map((sentence) => sentence.text).join(zh ? "" : " ");
  return {
    hits,
    done: {
      answer_id: crypto.randomUUID(), answer: text, sentences, citations, refused: good.length === 0, model: "mock (no model)",
      usage: { prompt_tokens: 812, cached_tokens: 410, completion_tokens: 96 },
      timings_ms: { retrieve: 38.2, first_token: 412.7, total: 2860.4 },
    },
  };
}
