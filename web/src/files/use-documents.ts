import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { listDocuments, watchJob } from "../api/endpoints";
import type { DocumentPage, DocumentRow, DocumentStatus } from "../api/types";

/**
 * The document list, kept true while files are read: two running jobs are followed by events (a browser opens only six
 * connections to a server), the others by asking again.
 */

const PAGE_SIZE = 100;
const FOLLOWED_JOBS = 2;
const POLL_BUSY_MS = 2_000;
const POLL_IDLE_MS = 20_000;

type Loaded = InfiniteData<DocumentPage, string | null>;

export const isActive = (row: DocumentRow): boolean => row.status === "queued" || row.status === "running";

export function useDocuments(kb: string, status: DocumentStatus | null) {
  const client = useQueryClient();
  const query = useInfiniteQuery({
    queryKey: ["documents", kb, status],
    queryFn: ({ pageParam, signal }) => listDocuments(kb, { status, cursor: pageParam, limit: PAGE_SIZE }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? [];
      const busy = pages.some((page) => page.documents.some(isActive));
      return busy ? POLL_BUSY_MS * Math.max(1, pages.length) : POLL_IDLE_MS;
    },
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.documents) ?? [], [query.data]);
  const followed = rows
    .filter((row) => row.status === "running" && row.job_id !== null)
    .slice(0, FOLLOWED_JOBS)
    .map((row) => `${row.id} ${row.job_id ?? ""}`)
    .join("\n");
  useEffect(() => {
    const controller = new AbortController();
    const patch = (id: string, change: Partial<DocumentRow>) =>
      client.setQueriesData<Loaded>({ queryKey: ["documents", kb] }, (data) => data && changed(data, id, change));
    for (const line of followed.split("\n").filter(Boolean)) {
      const [id = "", job = ""] = line.split(" ");
      void follow(id, job, controller.signal, patch).finally(() => {
        if (!controller.signal.aborted) void client.invalidateQueries({ queryKey: ["documents", kb] });
      });
    }
    return () => controller.abort();
  }, [followed, client, kb]);
  return { ...query, rows };
}

/** Ends quietly on any failure: the list is asked again anyway. */
async function follow(
  id: string,
  job: string,
  signal: AbortSignal,
  patch: (id: string, change: Partial<DocumentRow>) => void,
): Promise<void> {
  try {
    for await (const change of watchJob(job, signal)) patch(id, change);
  } catch {
    // Polling takes over.
  }
}

function changed(data: Loaded, id: string, change: Partial<DocumentRow>): Loaded {
  const pages = data.pages.map((page) => ({
    ...page,
    documents: page.documents.map((row) => (row.id === id ? { ...row, ...change } : row)),
  }));
  return { ...data, pages };
}
