import { callEvents, callJson, callText } from "./client";
import * as decode from "./decode";
import { whyNotReport } from "./decode-lab";
import { ApiFailure } from "./failure";
import type {
  Accepted, AskEvent, AskRequest, Box, DocumentPage, DocumentRow, DocumentStatus, Facets, KnowledgeBase, RetrievalSettings,
  SearchRequest, SearchResult, UploadMetadata, WhyNotReport, WhyNotRequest,
} from "./types";

/** The calls of API.md that this page makes, one function each. */

const root = "/api/v1";
const at = (...parts: string[]): string => [root, ...parts.map(encodeURIComponent)].join("/");

export async function listKnowledgeBases(signal?: AbortSignal): Promise<KnowledgeBase[]> {
  return decode.knowledgeBases(await callJson(at("knowledge-bases"), { signal }));
}

export async function readKnowledgeBase(kb: string, signal?: AbortSignal): Promise<KnowledgeBase> {
  return decode.knowledgeBase(await callJson(at("knowledge-bases", kb), { signal }));
}

export async function createKnowledgeBase(name: string): Promise<KnowledgeBase> {
  return decode.knowledgeBase(await callJson(at("knowledge-bases"), { method: "POST", body: { name } }));
}

export async function renameKnowledgeBase(kb: string, name: string): Promise<void> {
  await callJson(at("knowledge-bases", kb), { method: "PATCH", body: { name } });
}

/** Keeps settings with the knowledge base, for every search and answer; `null` goes back to the default. */
export async function keepSettings(kb: string, retrieval: RetrievalSettings): Promise<void> {
  await callJson(at("knowledge-bases", kb), { method: "PATCH", body: { retrieval } });
}

export async function deleteKnowledgeBase(kb: string): Promise<void> {
  await callJson(at("knowledge-bases", kb), { method: "DELETE" });
}

export function uploadAddress(kb: string): string {
  return at("knowledge-bases", kb, "documents");
}

export interface DocumentQuery {
  status: DocumentStatus | null;
  cursor: string | null;
  limit: number;
  kind?: string | null;
  tag?: string | null;
  /** Part of a name or title. */
  q?: string | null;
}

export async function listDocuments(kb: string, query: DocumentQuery, signal?: AbortSignal): Promise<DocumentPage> {
  const search = new URLSearchParams({ limit: String(query.limit) });
  for (const key of ["status", "kind", "tag", "q", "cursor"] as const) {
    const value = query[key] ?? "";
    if (value !== "") search.set(key, value);
  }
  return decode.documentPage(await callJson(`${uploadAddress(kb)}?${search}`, { signal }));
}

export async function readDocument(kb: string, id: string, signal?: AbortSignal): Promise<DocumentRow> {
  return decode.documentRow(await callJson(at("knowledge-bases", kb, "documents", id), { signal }));
}

export async function changeTags(kb: string, id: string, tags: readonly string[]): Promise<void> {
  await callJson(at("knowledge-bases", kb, "documents", id), { method: "PATCH", body: { tags } });
}

/** Hands over an address; its outcome may be a refusal, as with a file. */
export async function addAddress(kb: string, url: string, metadata: UploadMetadata): Promise<Accepted> {
  const body = { url, ...(Object.keys(metadata).length === 0 ? {} : { metadata }) };
  const [first] = decode.accepted(await callJson(uploadAddress(kb), { method: "POST", body }));
  if (first === undefined) throw new ApiFailure("unknown", "", 0);
  return first;
}

export async function readFacets(kb: string, signal?: AbortSignal): Promise<Facets> {
  return decode.facets(await callJson(at("knowledge-bases", kb, "facets"), { signal }));
}

export async function deleteDocument(kb: string, id: string): Promise<void> {
  await callJson(at("knowledge-bases", kb, "documents", id), { method: "DELETE" });
}

export async function readDocumentText(kb: string, id: string, signal?: AbortSignal): Promise<string> {
  return callText(at("knowledge-bases", kb, "documents", id, "text"), { signal });
}

export function originalAddress(kb: string, id: string): string {
  return at("knowledge-bases", kb, "documents", id, "content");
}

/** The picture of a page, about `width` pixels wide. */
export function pictureAddress(kb: string, id: string, page: number, width: number): string {
  return `${at("knowledge-bases", kb, "documents", id, "pages", `${page}.png`)}?width=${width}`;
}

const CHUNK_BATCH = 500;
const MOST_BATCHES = 8;

/** Where a passage lies on its pages; nothing where it is not among the document's first few thousand. */
export async function readBoxes(kb: string, id: string, chunk: string, signal?: AbortSignal): Promise<Box[]> {
  let from: number | null = 0;
  for (let batch = 0; batch < MOST_BATCHES && from !== null; batch += 1) {
    const path = `${at("knowledge-bases", kb, "documents", id, "chunks")}?from=${from}&limit=${CHUNK_BATCH}`;
    const found = decode.chunkBoxes(await callJson(path, { signal }));
    const boxes = found.boxes.get(chunk);
    if (boxes !== undefined) return boxes;
    from = found.next_from;
  }
  return [];
}

export async function cancelJob(job: string): Promise<void> {
  await callJson(at("jobs", job, "cancel"), { method: "POST" });
}

/** Begins a failed job again, with the password that the file asked for where one is given. */
export async function retryJob(job: string, password?: string): Promise<void> {
  const body = password === undefined ? {} : { body: { password } };
  await callJson(at("jobs", job, "retry"), { method: "POST", ...body });
}

export async function* watchJob(job: string, signal: AbortSignal): AsyncGenerator<Partial<DocumentRow>, void> {
  for await (const event of callEvents(at("jobs", job, "events"), { signal })) yield decode.rowChange(event.value);
}

export async function search(kb: string, request: SearchRequest, signal?: AbortSignal): Promise<SearchResult> {
  const path = at("knowledge-bases", kb, "search");
  return decode.searchResult(await callJson(path, { method: "POST", body: request, signal }));
}

/** Where a search loses a passage, and what would have brought it. */
export async function whyNot(kb: string, request: WhyNotRequest): Promise<WhyNotReport> {
  return whyNotReport(await callJson(at("knowledge-bases", kb, "why-not"), { method: "POST", body: request }));
}

/** The answer as it is made, ending in `done`. Aborting `signal` makes the server stop generating. */
export async function* ask(kb: string, request: AskRequest, signal: AbortSignal): AsyncGenerator<AskEvent, void> {
  const body = { ...request, stream: true };
  let finished = false;
  for await (const { name, value } of callEvents(at("knowledge-bases", kb, "ask"), { method: "POST", body, signal })) {
    const event = decode.askEvent(name, value);
    if (event === null) continue;
    finished = event.type === "done";
    yield event;
  }
  if (!finished) throw new ApiFailure("cut_short", "", 0);
}

export interface Readiness {
  state: "ready" | "starting" | "unreachable";
  /** What to do about the parts that are not ready, in the server's words. */
  hints: string[];
}

export async function readReadiness(signal?: AbortSignal): Promise<Readiness> {
  try {
    await callText("/readyz", { signal });
    return { state: "ready", hints: [] };
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    return { state: error.status === 503 ? "starting" : "unreachable", hints: decode.readinessHints(error.body) };
  }
}
