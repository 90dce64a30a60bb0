import { useQuery } from "@tanstack/react-query";

import { readFacets } from "../api/endpoints";
import type { Facets } from "../api/types";

const NONE: Facets = { kinds: [], languages: [], tags: [], authors: [], years: [] };

/** What the ready files are; nothing while unknown, or where the server cannot tell. */
export function useFacets(kb: string): Facets {
  const { data } = useQuery({
    queryKey: ["facets", kb],
    queryFn: ({ signal }) => readFacets(kb, signal),
    staleTime: 30_000,
    retry: false,
  });
  return data ?? NONE;
}
