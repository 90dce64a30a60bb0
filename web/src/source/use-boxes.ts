import { useQuery } from "@tanstack/react-query";

import { readBoxes } from "../api/endpoints";
import type { Box } from "../api/types";
import type { Passage } from "./source-context";

const NONE: readonly Box[] = [];

/** Where a passage lies on its pages: as the citation says, else as the passage that it is from says. */
export function useBoxes(kb: string, passage: Passage): { boxes: readonly Box[]; pending: boolean } {
  const known = passage.boxes.length > 0 || passage.chunkId === "";
  const { data, isLoading } = useQuery({
    queryKey: ["boxes", kb, passage.documentId, passage.chunkId],
    queryFn: ({ signal }) => readBoxes(kb, passage.documentId, passage.chunkId, signal),
    staleTime: 60_000,
    retry: false,
    enabled: !known,
  });
  return known ? { boxes: passage.boxes, pending: false } : { boxes: data ?? NONE, pending: isLoading };
}
