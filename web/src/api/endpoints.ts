import { callEvents, callJson, callText } from "./client";
import * as decode from "./decode";
import { ApiFailure } from "./failure";
import type {
  AskEvent, AskRequest, DocumentPage, DocumentRow, DocumentStatus, KnowledgeBase, SearchMode, SearchResult,
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
}

export async function listDocuments(kb: string, query: DocumentQuery, signal?: AbortSignal): Promise<DocumentPage> {
  const search = new URLSearchParams({ limit: String(query.limit) });
  if (query.status !== null) search.set("status", query.status);
  if (query.cursor !== null) search.set("cursor", query.cursor);
  return decode.documentPage(await callJson(`${uploadAddress(kb)}?${search}`, { signal }));
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

export async function cancelJob(job: string): Promise<void> {
  await callJson(at("jobs", job, "cancel"), { method: "POST" });
}

export async function retryJob(job: string): Promise<void> {
  await callJson(at("jobs", job, "retry"), { method: "POST" });
}

export async function* watchJob(job: string, signal: AbortSignal): AsyncGenerator<Partial<DocumentRow>, void> {
  for await (const event of callEvents(at("jobs", job, "events"), { signal })) yield decode.rowChange(event.value);
}

export async function search(kb: string, query: string, mode: SearchMode, signal?: AbortSignal): Promise<SearchResult> {
  const body = { query, mode, top_k: 10 };
  return decode.searchResult(await callJson(at("knowledge-bases", kb, "search"), { method: "POST", body, signal }));
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
