import { callJson } from "./client";
import { isRecord, optionalText } from "./decode";

/** Which embedding model the index was made with, and a change to another one. */

export interface CollectionState {
  model: string;
  fingerprint: string;
  complete: boolean;
}

export interface Filling {
  documents: number;
  documents_done: number;
  passages: number;
  passages_done: number;
  seconds_left: number | null;
  failed: number;
  failures: { name: string; message: string }[];
  problem: string | null;
}

export interface IndexState {
  active: CollectionState | null;
  other: CollectionState | null;
  filling: Filling | null;
  ready: boolean;
  /** Names of the models that could be used instead. */
  choices: string[];
  unheededChoice: string | null;
}

const number = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);

function collection(value: unknown): CollectionState | null {
  if (!isRecord(value)) return null;
  return {
    model: optionalText(value["model"]) ?? "",
    fingerprint: optionalText(value["fingerprint"]) ?? "",
    complete: value["complete"] !== false,
  };
}

function filling(value: unknown): Filling | null {
  if (!isRecord(value)) return null;
  const failures = Array.isArray(value["failures"]) ? value["failures"].filter(isRecord) : [];
  return {
    documents: number(value["documents"]),
    documents_done: number(value["documents_done"]),
    passages: number(value["passages"]),
    passages_done: number(value["passages_done"]),
    seconds_left: typeof value["seconds_left"] === "number" ? value["seconds_left"] : null,
    failed: number(value["failed"]),
    failures: failures.map((one) => ({
      name: optionalText(one["document_name"]) ?? "",
      message: isRecord(one["error"]) ? (optionalText(one["error"]["message"]) ?? "") : "",
    })),
    problem: optionalText(value["problem"]),
  };
}

export function indexState(value: unknown): IndexState {
  const told = isRecord(value) ? value : {};
  const active = collection(told["active"]);
  const other = collection(told["other"]);
  const known = [active?.fingerprint, other?.fingerprint];
  const installed = Array.isArray(told["embedders"]) ? told["embedders"].filter(isRecord) : [];
  const free = installed.filter((one) => !known.includes(optionalText(one["fingerprint"]) ?? ""));
  return {
    active,
    other,
    filling: filling(told["filling"]),
    ready: told["ready"] === true,
    choices: free.map((one) => optionalText(one["model"]) ?? "").filter((name) => name !== ""),
    unheededChoice: optionalText(told["unheeded_choice"]),
  };
}

export async function readIndex(signal?: AbortSignal): Promise<IndexState> {
  return indexState(await callJson("/api/v1/index", { signal }));
}

export async function buildIndex(embedder: string): Promise<void> {
  await callJson("/api/v1/index/build", { method: "POST", body: { embedder } });
}

export async function switchIndex(embedder: string): Promise<void> {
  await callJson("/api/v1/index/switch", { method: "POST", body: { embedder } });
}

export async function dropOtherIndex(): Promise<void> {
  await callJson("/api/v1/index/other", { method: "DELETE" });
}
