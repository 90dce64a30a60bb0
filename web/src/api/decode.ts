import type {
  Accepted, Answer, AskEvent, Box, Calibration, Citation, DocumentPage, DocumentRow, DocumentStatus, Facet, Facets, Hit, KnowledgeBase,
  Phrase, Reason, SearchResult, Sentence, SplitChunk, SplitDocument, Support, TypedFilter, UnderstoodQuery,
} from "./types";
import { explained, reranking, retrievalSettings, tuning } from "./decode-lab";
import { heading, isRecord, list, number, optionalText, record, text, texts } from "./json";

/** Turns unknown JSON into the shapes of `types.ts`, filling in what a server may leave out. */

export { isRecord, optionalText };

function numbers(value: unknown): Record<string, number> {
  const entries = Object.entries(record(value)).filter((entry): entry is [string, number] => number(entry[1]) !== null);
  return Object.fromEntries(entries);
}

export function calibration(value: unknown): Calibration | null {
  const json = record(value);
  const threshold = number(json["threshold"]);
  const share = (key: string): number => number(json[key]) ?? 0;
  return threshold === null
    ? null
    : {
        threshold,
        built_in: share("built_in"),
        refused: share("refused"),
        lost: share("lost"),
        made: share("made"),
        gold: share("gold"),
        in_use: json["in_use"] !== false,
      };
}

export function knowledgeBase(value: unknown): KnowledgeBase {
  const json = record(value);
  const embedder = optionalText(json["embedder"]);
  const created = optionalText(json["created_at"]);
  const fitted = calibration(json["calibration"]);
  const counts = ["queued", "running", "failed"].map((key) => [key, number(json[key])] as const);
  return {
    id: text(json["id"]),
    name: text(json["name"]),
    description: text(json["description"]),
    documents: number(json["documents"]) ?? 0,
    chunks: number(json["chunks"]) ?? 0,
    ...(embedder === null ? {} : { embedder }),
    ...(created === null ? {} : { created_at: created }),
    ...Object.fromEntries(counts.filter(([, count]) => count !== null)),
    ...(isRecord(json["retrieval"]) ? { retrieval: retrievalSettings(json["retrieval"]) } : {}),
    ...(fitted === null ? {} : { calibration: fitted }),
  };
}

export function knowledgeBases(value: unknown): KnowledgeBase[] {
  const items = Array.isArray(value) ? value : (record(value)["knowledge_bases"] ?? record(value)["items"]);
  return list(items).map(knowledgeBase);
}

function reason(value: unknown): Reason | null {
  if (typeof value === "string") return value === "" ? null : { code: "", message: value };
  if (!isRecord(value)) return null;
  const page = number(value["page"]);
  return { code: text(value["code"]), message: text(value["message"]), ...(page === null ? {} : { page }) };
}

const STATUSES: readonly DocumentStatus[] = ["queued", "running", "ready", "failed", "cancelled"];

export function documentStatus(value: unknown): DocumentStatus {
  return STATUSES.find((status) => status === value) ?? "queued";
}

export function documentRow(value: unknown): DocumentRow {
  const json = record(value);
  return {
    id: text(json["id"]),
    name: text(json["name"]),
    kind: text(json["kind"]),
    tags: texts(json["tags"]),
    title: optionalText(json["title"]),
    author: optionalText(json["author"]),
    created: optionalText(json["created"]),
    modified: optionalText(json["modified"]),
    preset: optionalText(json["preset"]),
    bytes: number(json["bytes"]) ?? 0,
    pages: number(json["pages"]),
    chunks: number(json["chunks"]) ?? 0,
    created_at: text(json["created_at"]),
    status: documentStatus(json["status"]),
    searchable: json["searchable"] === true,
    stage: optionalText(json["stage"]),
    pages_done: number(json["pages_done"]),
    pages_total: number(json["pages_total"]),
    chunks_done: number(json["chunks_done"]),
    chunks_total: number(json["chunks_total"]),
    seconds_left: number(json["seconds_left"]),
    waiting_for_turn: json["waiting_for_turn"] === true,
    waiting_for_index: json["waiting_for_index"] === true,
    warnings: list(json["warnings"]).map(reason).filter((warning) => warning !== null),
    error: reason(json["error"]),
    job_id: optionalText(json["job_id"]),
  };
}

/** The fields of a job event that change a row; fields that are absent stay as they were. */
export function rowChange(value: unknown): Partial<DocumentRow> {
  const json = record(value);
  const full = documentRow(json);
  const keys = [
    "status", "stage", "pages", "chunks", "pages_done", "pages_total", "chunks_done", "chunks_total",
    "seconds_left", "waiting_for_turn", "waiting_for_index", "warnings", "error",
  ] as const;
  return Object.fromEntries(keys.filter((key) => key in json).map((key) => [key, full[key]]));
}

export function documentPage(value: unknown): DocumentPage {
  const json = record(value);
  return { documents: list(json["documents"]).map(documentRow), next_cursor: optionalText(json["next_cursor"]) };
}

export function accepted(value: unknown): Accepted[] {
  return list(record(value)["documents"]).map((item) => {
    const json = record(item);
    return {
      document_id: text(json["document_id"]),
      job_id: optionalText(json["job_id"]),
      name: text(json["name"]),
      known: json["known"] === true,
      error: reason(json["error"]),
    };
  });
}

const share = (value: unknown): number | null => {
  const found = number(value);
  return found === null ? null : Math.min(1, Math.max(0, found));
};

/** Rectangles that can be drawn; the others are left out. */
export function boxes(value: unknown): Box[] {
  return list(value).flatMap((item) => {
    const json = record(item);
    const page = number(json["page"]);
    const [x0, y0, x1, y1] = [share(json["x0"]), share(json["y0"]), share(json["x1"]), share(json["y1"])];
    if (page === null || x0 === null || y0 === null || x1 === null || y1 === null || x1 <= x0 || y1 <= y0) return [];
    return [{ page, x0, y0, x1, y1 }];
  });
}

function hit(value: unknown): Hit {
  const json = record(value);
  return {
    chunk_id: text(json["chunk_id"]),
    document_id: text(json["document_id"]),
    document_name: text(json["document_name"]),
    page: number(json["page"]),
    heading: heading(json["heading"]),
    text: text(json["text"]),
    start: number(json["start"]) ?? 0,
    end: number(json["end"]) ?? 0,
    score: number(json["score"]) ?? 0,
    scores: numbers(json["scores"]),
    boxes: boxes(json["boxes"]),
    ...(isRecord(json["explain"]) ? { explain: explained(json["explain"]) } : {}),
  };
}

function typedFilters(value: unknown): TypedFilter[] {
  return list(value).map(record).flatMap((json) => {
    const filter = { key: text(json["key"]), value: text(json["value"]), written: text(json["written"]) };
    return filter.value === "" ? [] : [filter];
  });
}

function phrases(value: unknown): Phrase[] {
  return list(value).map(record).flatMap((json) => {
    const words = text(json["text"]);
    return words === "" ? [] : [{ text: words, found: json["found"] !== false }];
  });
}

function understood(value: unknown): UnderstoodQuery {
  const json = record(value);
  return {
    filters: typedFilters(json["filters"]),
    unclear: list(json["unclear"]).map(text).filter((written) => written !== ""),
    phrases: phrases(json["phrases"]),
  };
}

export function searchResult(value: unknown): SearchResult {
  const json = record(value);
  return {
    hits: list(json["hits"]).map(hit),
    timings_ms: numbers(json["timings_ms"]),
    query: understood(json["query"]),
    reranking: isRecord(json["reranking"]) ? reranking(json["reranking"]) : null,
    tuning: isRecord(json["trace"]) ? tuning(json["trace"]["settings"]) : null,
  };
}

function support(value: unknown): Support {
  return value === "supported" || value === "weak" ? value : "unsupported";
}

function sentence(value: unknown): Sentence {
  const json = record(value);
  const citations = list(json["citations"]).map(number).filter((n) => n !== null);
  return { text: text(json["text"]), support: support(json["support"]), citations };
}

function citation(value: unknown): Citation {
  const json = record(value);
  const { chunk_id, document_id, document_name, page, heading: path, start, end, boxes: places } = hit(json);
  const place = { chunk_id, document_id, document_name, page, heading: path, start, end, boxes: places };
  return { ...place, n: number(json["n"]) ?? 0, quote: text(json["quote"]) };
}

export function answer(value: unknown): Answer {
  const json = record(value);
  return {
    answer_id: text(json["answer_id"]),
    answer: text(json["answer"]),
    sentences: list(json["sentences"]).map(sentence),
    citations: list(json["citations"]).map(citation),
    refused: json["refused"] === true,
    model: optionalText(json["model"]),
    conversation_id: optionalText(json["conversation_id"]),
    usage: numbers(json["usage"]),
    timings_ms: numbers(json["timings_ms"]),
    query: understood(json["query"]),
  };
}

/** One event of the answer stream; null for kinds this page does not know. */
export function askEvent(name: string, value: unknown): AskEvent | null {
  switch (name) {
    case "retrieval":
      return { type: "retrieval", hits: searchResult(Array.isArray(value) ? { hits: value } : value).hits };
    case "token":
      return { type: "token", text: text(record(value)["text"]) };
    case "sentence":
      return { type: "sentence", sentence: sentence(value) };
    case "citation":
      return { type: "citation", citation: citation(value) };
    case "done":
      return { type: "done", answer: answer(value) };
    default:
      return null;
  }
}

function facet(value: unknown): Facet[] {
  return list(value).flatMap((item) => {
    const json = record(item);
    const named = json["value"];
    const name = typeof named === "number" ? String(named) : text(named);
    return name === "" ? [] : [{ value: name, count: number(json["count"]) ?? 0 }];
  });
}

export function facets(value: unknown): Facets {
  const json = record(value);
  return {
    kinds: facet(json["kinds"]),
    languages: facet(json["languages"]),
    tags: facet(json["tags"]),
    authors: facet(json["authors"]),
    years: facet(json["years"]),
  };
}

function splitChunk(value: unknown): SplitChunk {
  const json = record(value);
  const { page, heading: path, text: words } = hit(json);
  return { ordinal: number(json["ordinal"]) ?? 0, page, heading: path, text: words, tokens: number(json["tokens"]) ?? 0 };
}

export function splitDocuments(value: unknown): SplitDocument[] {
  return list(record(value)["documents"]).map((item) => {
    const json = record(item);
    return {
      name: text(json["name"]),
      kind: text(json["kind"]),
      title: optionalText(json["title"]),
      language: optionalText(json["language"]),
      pages: number(json["pages"]),
      characters: number(json["characters"]) ?? 0,
      preset: optionalText(json["preset"]),
      warnings: list(json["warnings"]).map(reason).filter((warning) => warning !== null),
      chunk_count: number(json["chunk_count"]) ?? list(json["chunks"]).length,
      chunks: list(json["chunks"]).map(splitChunk),
      error: reason(json["error"]),
    };
  });
}

/** Where a passage lies on its pages, by the passage's id; and where the list goes on. */
export function chunkBoxes(value: unknown): { boxes: Map<string, Box[]>; next_from: number | null } {
  const json = record(value);
  const entries = list(json["chunks"]).map(record).map((chunk) => [text(chunk["id"]), boxes(chunk["boxes"])] as const);
  return { boxes: new Map(entries), next_from: number(json["next_from"]) };
}

/** What each part that is not ready needs. */
export function readinessHints(value: unknown): string[] {
  return list(record(value)["checks"])
    .map(record)
    .filter((check) => check["ready"] === false)
    .map((check) => optionalText(check["hint"]) ?? text(check["detail"]))
    .filter((hint) => hint !== "");
}
