import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { listDocuments, readKnowledgeBase } from "../api/endpoints";
import type { DocumentRow, DocumentStatus } from "../api/types";
import { Pace, secondsLeft, type Standing } from "./standing";

const PAGE_SIZE = 1_000;
const MOST_PAGES = 100;
const POLL_BUSY_MS = 3_000;
const POLL_IDLE_MS = 20_000;

/** How all the files stand. Ready ones are not fetched: there may be many, and the number follows from the others. */
export function useStanding(kb: string): { standing: Standing; left: number | null } | null {
  const [pace] = useState(() => new Pace());
  const [seen, setSeen] = useState<number | null>(null);
  const { data, dataUpdatedAt } = useQuery({
    queryKey: ["standing", kb],
    queryFn: ({ signal }) => readStanding(kb, signal),
    refetchInterval: ({ state }) => {
      const busy = state.data !== undefined && state.data.queued + state.data.running > 0;
      return busy ? POLL_BUSY_MS : POLL_IDLE_MS;
    },
  });
  const active = data === undefined ? undefined : data.queued + data.running;
  useEffect(() => {
    if (active === undefined) return;
    pace.look(active, dataUpdatedAt);
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the pace is kept outside of React
    setSeen(pace.secondsLeft());
  }, [pace, active, dataUpdatedAt]);
  return data === undefined ? null : { standing: data, left: secondsLeft(data.active, seen) };
}

async function readStanding(kb: string, signal: AbortSignal): Promise<Standing> {
  const first = async (status: DocumentStatus) => {
    return (await listDocuments(kb, { status, cursor: null, limit: PAGE_SIZE }, signal)).documents;
  };
  const [base, running, queued, failures, cancelled] = await Promise.all([
    readKnowledgeBase(kb, signal), first("running"), first("queued"), first("failed"), first("cancelled"),
  ]);
  const counts = {
    running: base.running ?? running.length,
    queued: base.queued ?? queued.length,
    failed: base.failed ?? failures.length,
    cancelled: cancelled.length,
  };
  const others = counts.running + counts.queued + counts.failed + counts.cancelled;
  return { ...counts, ready: Math.max(0, base.documents - others), active: [...running, ...queued], failures };
}

/** Every document in one status, however many. */
export async function readAll(kb: string, status: DocumentStatus): Promise<DocumentRow[]> {
  const rows: DocumentRow[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const found = await listDocuments(kb, { status, cursor, limit: PAGE_SIZE });
    rows.push(...found.documents);
    cursor = found.next_cursor;
    if (cursor === null) break;
  }
  return rows;
}
