/** The server's JSON, as API.md has it. Optional means: older servers may leave it out. */

export interface KnowledgeBase {
  id: string;
  name: string;
  description: string;
  documents: number;
  chunks: number;
  embedder?: string;
  created_at?: string;
  /** How many documents wait, are being read, or could not be read. */
  queued?: number;
  running?: number;
  failed?: number;
  /** How it is searched. */
  retrieval?: RetrievalSettings;
  /** The threshold fitted to it, where there is one. */
  calibration?: Calibration;
}

export interface Calibration {
  threshold: number;
  built_in: number;
  /** Share of unanswerable questions refused, and of answerable ones lost. */
  refused: number;
  lost: number;
  /** Questions made from passages, and gold questions. */
  made: number;
  gold: number;
  in_use: boolean;
}

/** How to search; `null` is the product's default. */
export interface RetrievalSettings {
  /** Weight of meaning against words, 0 to 4. */
  meaning_weight: number | null;
  /** Most passages of one document among the hits. */
  per_document: number | null;
  mode: SearchMode | null;
  top_k: number | null;
}

export type DocumentStatus = "queued" | "running" | "ready" | "failed" | "cancelled";

export interface Reason {
  code: string;
  message: string;
  page?: number;
}

/** How a file is cut; `auto` looks at the file. */
export type Preset = "auto" | "prose" | "manual" | "table" | "qa" | "slides" | "code";

export interface DocumentRow {
  id: string;
  name: string;
  kind: string;
  tags: string[];
  title: string | null;
  author: string | null;
  /** Dates found in the file, `YYYY-MM-DD`. */
  created: string | null;
  modified: string | null;
  /** The preset that it was cut with; a newer server's unknown one stays as it is named. */
  preset: string | null;
  bytes: number;
  pages: number | null;
  chunks: number;
  created_at: string;
  status: DocumentStatus;
  /** Whether an earlier version can be found, whatever becomes of this one. */
  searchable: boolean;
  stage: string | null;
  pages_done: number | null;
  pages_total: number | null;
  chunks_done: number | null;
  chunks_total: number | null;
  seconds_left: number | null;
  /** Whether others are read or embedded before it goes on. */
  waiting_for_turn: boolean;
  /** Whether its next passages wait until the index is in order. */
  waiting_for_index: boolean;
  warnings: Reason[];
  error: Reason | null;
  job_id: string | null;
}

export interface DocumentPage {
  documents: DocumentRow[];
  next_cursor: string | null;
}

export interface Accepted {
  document_id: string;
  job_id: string | null;
  /** The document's name: an earlier one where the same bytes are there under another name. */
  name: string;
  /** Whether the same bytes were there already. */
  known: boolean;
  error: Reason | null;
}

/** What is said about files when they are added. */
export interface UploadMetadata {
  tags?: string[];
  title?: string;
  password?: string;
  preset?: Preset;
}

/** A rectangle on a page: fractions of its width and height from the top left corner. */
export interface Box {
  page: number;
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export interface Scores {
  dense?: number | null;
  lexical?: number | null;
  fused?: number | null;
  rerank?: number | null;
  /** A reranking model's own score in [0, 1], where one read the passage. */
  cross_encoder?: number | null;
}

export interface Hit {
  chunk_id: string;
  document_id: string;
  document_name: string;
  page: number | null;
  heading: string | null;
  text: string;
  /** Unicode code points into the cleaned text; `end` is exclusive. */
  start: number;
  end: number;
  score: number;
  scores: Scores;
  boxes: Box[];
  /** How it came to its place, where that was asked. */
  explain?: Explained;
}

/** Code points of the cleaned text; `end` is exclusive. */
export interface Range {
  start: number;
  end: number;
}

/** A passage at one stage of the search: dense, lexical, sentences, fused, reranked, cross_encoder or final. */
export interface StageRank {
  stage: string;
  /** From 1; null where the stage did not list it. */
  rank: number | null;
  score: number | null;
}

export interface MatchedTerm {
  text: string;
  /** Its part of the score of all words, 0 to 1. */
  share: number;
}

export interface Explained {
  stages: StageRank[];
  matched_terms: MatchedTerm[];
  matched_ranges: Range[];
}

/** What a search went by, defaults included. */
export interface Tuning {
  mode: SearchMode;
  top_k: number;
  meaning_weight: number;
  per_document: number | null;
}

export type SearchMode = "hybrid" | "dense" | "lexical";

/** Narrows a search; several values of one kind widen it again. Dates are `YYYY-MM-DD`, both inclusive. */
export interface SearchFilter {
  kinds?: string[];
  languages?: string[];
  tags?: string[];
  authors?: string[];
  titles?: string[];
  headings?: string[];
  created_after?: string;
  created_before?: string;
}

export interface SearchRequest {
  query: string;
  mode?: SearchMode;
  filter?: SearchFilter;
  settings?: RetrievalSettings;
  explain?: boolean;
}

/** A search, and what it should have found: a document, or the passage with some words. */
export interface WhyNotRequest {
  query: string;
  settings: RetrievalSettings;
  document_id?: string;
  text?: string;
}

/** A passage at a stage, against the last one that the stage let through. */
export interface StageStanding extends StageRank {
  cutoff_rank: number | null;
  cutoff_score: number | null;
}

/** Something that was tried and brings the passage. */
export interface Remedy {
  code: string;
  message: string;
  rank: number;
  settings: Partial<RetrievalSettings> | null;
}

export interface WhyNotReport {
  verdict: string;
  stage: string;
  expected: { document_name: string; heading: string | null; page: number | null; text: string | null } | null;
  stages: StageStanding[];
  reasons: string[];
  remedies: Remedy[];
}

/** A filter that was typed in the query itself, such as `type:pdf`. */
export interface TypedFilter {
  key: string;
  value: string;
  /** Exactly as it stood there. */
  written: string;
}

/** Words in quotation marks, which passages must hold as they stand. */
export interface Phrase {
  text: string;
  found: boolean;
}

export interface Reranking {
  model: string;
  /** done, other_languages, timed_out, failed or resting. */
  outcome: string;
  passages: number;
}

/** How a question was understood. */
export interface UnderstoodQuery {
  filters: TypedFilter[];
  /** What was written like a filter, with a value that makes no sense. */
  unclear: string[];
  phrases: Phrase[];
}

export interface SearchResult {
  hits: Hit[];
  timings_ms: Record<string, number>;
  /** What became of the reranking model's turn; null where there is none. */
  reranking: Reranking | null;
  query: UnderstoodQuery;
  /** What it went by, where that was asked. */
  tuning: Tuning | null;
}

export interface Facet {
  value: string;
  count: number;
}

/** What the ready documents of a knowledge base are, most frequent first. */
export interface Facets {
  kinds: Facet[];
  languages: Facet[];
  tags: Facet[];
  authors: Facet[];
  years: Facet[];
}

/** A passage as it would be cut. */
export interface SplitChunk {
  ordinal: number;
  page: number | null;
  heading: string | null;
  text: string;
  tokens: number;
}

export interface SplitDocument {
  name: string;
  kind: string;
  title: string | null;
  language: string | null;
  pages: number | null;
  characters: number;
  preset: string | null;
  warnings: Reason[];
  /** Passages that it would become; `chunks` may hold only the first of them. */
  chunk_count: number;
  chunks: SplitChunk[];
  error: Reason | null;
}

export type Support = "supported" | "weak" | "unsupported";

export interface Sentence {
  text: string;
  support: Support;
  citations: number[];
}

export interface Citation {
  n: number;
  chunk_id: string;
  document_id: string;
  document_name: string;
  page: number | null;
  heading: string | null;
  /** Exactly the cleaned text at `[start, end)`, in Unicode code points. */
  quote: string;
  start: number;
  end: number;
  boxes: Box[];
}

export interface Answer {
  answer_id: string;
  answer: string;
  sentences: Sentence[];
  citations: Citation[];
  refused: boolean;
  model: string | null;
  conversation_id: string | null;
  usage: { prompt_tokens?: number; cached_tokens?: number; completion_tokens?: number };
  timings_ms: { retrieve?: number; first_token?: number; total?: number };
  query: UnderstoodQuery;
}

export interface AskRequest {
  question: string;
  mode: "answer" | "quote";
  strict: boolean;
  conversation_id?: string;
}

export type AskEvent =
  | { type: "retrieval"; hits: Hit[] }
  | { type: "token"; text: string }
  | { type: "sentence"; sentence: Sentence }
  | { type: "citation"; citation: Citation }
  | { type: "done"; answer: Answer };
