import { keepPreviousData, useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { listDocuments, watchJob } from "../api/endpoints";
import type { DocumentPage, DocumentRow, DocumentStatus } from "../api/types";
import { useWords } from "../i18n/words";

/**
 * The document list, kept true while files are read: two running jobs are followed by events (a browser opens only six
 * connections to a server), the others by asking again.
 */

const PAGE_SIZE = 100;
const MOST_FAILURES = 1_000;
const FOLLOWED_JOBS = 2;
const POLL_BUSY_MS = 2_000;
const POLL_IDLE_MS = 20_000;

type Loaded = InfiniteData<DocumentPage, string | null>;

export interface DocumentFilter {
  status: DocumentStatus | null;
  kind: string | null;
  tag: string | null;
  q: string;
}

export const isActive = (row: Pick<DocumentRow, "status">): boolean => row.status === "queued" || row.status === "running";

/** All documents with the failed ones in front, or those in one status. */
export function useDocuments(kb: string, filter: DocumentFilter) {
  const list = useList(kb, filter, PAGE_SIZE, true);
  const failed = useList(kb, { ...filter, status: "failed" }, MOST_FAILURES, filter.status === null);
  const rows = useMemo(() => {
    if (filter.status !== null) return list.rows;
    const first = new Set(failed.rows.map((row) => row.id));
    // What an event has just changed is not in its new place yet: neither left out nor shown twice.
    return [...failed.rows, ...list.rows.filter((row) => !first.has(row.id))];
  }, [filter.status, list.rows, failed.rows]);
  useFollowedJobs(kb, rows);
  return { ...list.query, rows };
}

function useList(kb: string, filter: DocumentFilter, limit: number, enabled: boolean) {
  const { language } = useWords();
  const query = useInfiniteQuery({
    // Reasons are in the language of the request.
    queryKey: ["documents", kb, language, filter],
    queryFn: ({ pageParam, signal }) => listDocuments(kb, { ...filter, cursor: pageParam, limit }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    enabled,
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? [];
      const busy = pages.some((page) => page.documents.some(isActive));
      return busy ? POLL_BUSY_MS * Math.max(1, pages.length) : POLL_IDLE_MS;
    },
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.documents) ?? [], [query.data]);
  return { query, rows };
}

function useFollowedJobs(kb: string, rows: readonly DocumentRow[]): void {
  const client = useQueryClient();
  const followed = rows
    .filter((row) => row.status === "running" && row.job_id !== null)
    .slice(0, FOLLOWED_JOBS)
    .map((row) => `${row.id} ${row.job_id ?? ""}`)
    .join("\n");
  useEffect(() => {
    const controller = new AbortController();
    const askAgain = () => {
      void client.invalidateQueries({ queryKey: ["documents", kb] });
      void client.invalidateQueries({ queryKey: ["standing", kb] });
    };
    const patch = (id: string, change: Partial<DocumentRow>) => {
      client.setQueriesData<Loaded>({ queryKey: ["documents", kb] }, (data) => data && changed(data, id, change));
      // Events do not tell all that the list does, and the row is not followed any more from here on.
      if (change.status !== undefined && !isActive({ status: change.status })) askAgain();
    };
    for (const line of followed.split("\n").filter(Boolean)) {
      const [id = "", job = ""] = line.split(" ");
      void follow(id, job, controller.signal, patch).finally(() => {
        if (!controller.signal.aborted) askAgain();
      });
    }
    return () => controller.abort();
  }, [followed, client, kb]);
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

/** Only the page with the row, and in it only the row, become new objects: the other rows need not be drawn again. */
export function changed(data: Loaded, id: string, change: Partial<DocumentRow>): Loaded {
  const pages = data.pages.map((page) =>
    page.documents.some((row) => row.id === id)
      ? { ...page, documents: page.documents.map((row) => (row.id === id ? { ...row, ...settled(row, change) } : row)) }
      : page,
  );
  return { ...data, pages };
}

/** What is there in the end, where the event that tells so only says how far the work came: else it is nothing for a moment. */
function settled(row: DocumentRow, change: Partial<DocumentRow>): Partial<DocumentRow> {
  if (change.status !== "ready") return change;
  return { chunks: change.chunks_total ?? row.chunks, pages: change.pages_total ?? row.pages, ...change };
}
