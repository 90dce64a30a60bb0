import { useQuery } from "@tanstack/react-query";

import { listDocuments } from "../api/endpoints";

const LIMIT = 1_000;
const POLL_BUSY_MS = 4_000;

/** How many files are waiting or being read. */
export function useUnread(kb: string): number {
  const { data = 0 } = useQuery({
    queryKey: ["unread", kb],
    queryFn: async ({ signal }) => {
      const states = ["running", "queued"] as const;
      const pages = await Promise.all(
        states.map((status) => listDocuments(kb, { status, cursor: null, limit: LIMIT }, signal)),
      );
      return pages.reduce((sum, page) => sum + page.documents.length, 0);
    },
    refetchInterval: ({ state }) => (state.data === 0 ? false : POLL_BUSY_MS),
  });
  return data;
}
