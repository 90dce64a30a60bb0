import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { listDocuments, readKnowledgeBase } from "../api/endpoints";
import type { DocumentRow, DocumentStatus } from "../api/types";
import { Pace, secondsLeft, type Standing } from "./standing";

const PAGE_SIZE = 1_000;
const MOST_PAGES = 20;
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
      const active = state.data?.active.length ?? 0;
      return active === 0 ? POLL_IDLE_MS : POLL_BUSY_MS * Math.ceil(active / PAGE_SIZE);
    },
  });
  const active = data?.active.length;
  useEffect(() => {
    if (active === undefined) return;
    pace.look(active, dataUpdatedAt);
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the pace is kept outside of React
    setSeen(pace.secondsLeft());
  }, [pace, active, dataUpdatedAt]);
  return data === undefined ? null : { standing: data, left: secondsLeft(data.active, seen) };
}

async function readStanding(kb: string, signal: AbortSignal): Promise<Standing> {
  const all = (status: DocumentStatus) => readAll(kb, status, signal);
  const [base, running, queued, failures, cancelled] = await Promise.all([
    readKnowledgeBase(kb, signal), all("running"), all("queued"), all("failed"), all("cancelled"),
  ]);
  const others = running.length + queued.length + failures.length + cancelled.length;
  return {
    ready: Math.max(0, base.documents - others),
    running: running.length,
    queued: queued.length,
    failed: failures.length,
    cancelled: cancelled.length,
    active: [...running, ...queued],
    failures,
  };
}

async function readAll(kb: string, status: DocumentStatus, signal: AbortSignal): Promise<DocumentRow[]> {
  const rows: DocumentRow[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const found = await listDocuments(kb, { status, cursor, limit: PAGE_SIZE }, signal);
    rows.push(...found.documents);
    cursor = found.next_cursor;
    if (cursor === null) break;
  }
  return rows;
}
