import { callJson } from "./client";
import { number, record, texts } from "./json";

/** Words of a knowledge base's own, which count as one term in its documents and in questions. */

export interface OwnWords {
  words: string[];
  /** Documents still being gone through; new words are looked for once this is 0. */
  documents_waiting: number;
}

const address = (kb: string): string => `/api/v1/knowledge-bases/${encodeURIComponent(kb)}/dictionary`;

function ownWords(value: unknown): OwnWords {
  const json = record(value);
  return { words: texts(json["words"]), documents_waiting: number(json["documents_waiting"]) ?? 0 };
}

export async function readOwnWords(kb: string, signal?: AbortSignal): Promise<OwnWords> {
  return ownWords(await callJson(address(kb), { signal }));
}

/** Puts these in place of the words that are there. */
export async function keepOwnWords(kb: string, words: readonly string[]): Promise<OwnWords> {
  return ownWords(await callJson(address(kb), { method: "PUT", body: { words } }));
}
