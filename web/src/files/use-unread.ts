import { useQuery } from "@tanstack/react-query";

import { listDocuments, readKnowledgeBase } from "../api/endpoints";

const LIMIT = 1_000;
const POLL_BUSY_MS = 4_000;

/** How many files are waiting or being read. */
export function useUnread(kb: string): number {
  const { data = 0 } = useQuery({
    queryKey: ["unread", kb],
    queryFn: ({ signal }) => countUnread(kb, signal),
    refetchInterval: ({ state }) => (state.data === 0 ? false : POLL_BUSY_MS),
  });
  return data;
}

/** The knowledge base's own count; a server that has none lists them. */
async function countUnread(kb: string, signal: AbortSignal): Promise<number> {
  const { queued, running } = await readKnowledgeBase(kb, signal);
  if (queued !== undefined && running !== undefined) return queued + running;
  const states = ["running", "queued"] as const;
  const pages = await Promise.all(
    states.map((status) => listDocuments(kb, { status, cursor: null, limit: LIMIT }, signal)),
  );
  return pages.reduce((sum, page) => sum + page.documents.length, 0);
}
