import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { listDocuments } from "../api/endpoints";

const LISTED = 50;

/** Documents whose names have what was typed, and the one that is meant: named in full, or the only one left. */
export function useNamedDocument(kb: string, typed: string) {
  const part = typed.trim();
  const query = useQuery({
    queryKey: ["lab-documents", kb, part],
    queryFn: ({ signal }) => listDocuments(kb, { status: null, cursor: null, limit: LISTED, q: part }, signal),
    placeholderData: keepPreviousData,
  });
  const rows = query.data?.documents ?? [];
  const only = rows.length === 1 ? rows[0] : undefined;
  const meant = part === "" ? undefined : (rows.find((row) => row.name === part) ?? only);
  return {
    names: rows.map((row) => row.name),
    found: meant === undefined ? null : { document_id: meant.id },
    unknown: part !== "" && query.isSuccess && !query.isPlaceholderData && rows.length === 0,
  };
}
