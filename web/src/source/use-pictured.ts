import { useQuery } from "@tanstack/react-query";

import { readDocument } from "../api/endpoints";

/** Formats whose pages the server can draw. */
const PICTURED: readonly string[] = ["pdf", "image"];

/** How many pages a document has that can be shown as pictures (null inside: not known); null where it has none. */
export function usePictured(kb: string, id: string): { pages: number | null } | null {
  const { data } = useQuery({
    queryKey: ["document", kb, id],
    queryFn: ({ signal }) => readDocument(kb, id, signal),
    staleTime: 60_000,
    retry: false,
  });
  if (data === undefined || !PICTURED.includes(data.kind)) return null;
  return { pages: data.pages !== null && data.pages > 0 ? data.pages : null };
}
