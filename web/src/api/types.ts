/** The server's JSON, as API.md has it. Optional means: older servers may leave it out. */

export interface KnowledgeBase {
  id: string;
  name: string;
  description: string;
  documents: number;
  chunks: number;
  embedder?: string;
  created_at?: string;
}

export type DocumentStatus = "queued" | "running" | "ready" | "failed" | "cancelled";

export interface Reason {
  code: string;
  message: string;
  page?: number;
}

export interface DocumentRow {
  id: string;
  name: string;
  kind: string;
  bytes: number;
  pages: number | null;
  chunks: number;
  created_at: string;
  status: DocumentStatus;
  stage: string | null;
  pages_done: number | null;
  pages_total: number | null;
  chunks_done: number | null;
  chunks_total: number | null;
  seconds_left: number | null;
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

export interface Scores {
  dense?: number | null;
  lexical?: number | null;
  fused?: number | null;
  rerank?: number | null;
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
}

export type SearchMode = "hybrid" | "dense" | "lexical";

export interface SearchResult {
  hits: Hit[];
  timings_ms: Record<string, number>;
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
