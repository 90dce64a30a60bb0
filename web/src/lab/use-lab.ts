import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { keepSettings, search } from "../api/endpoints";
import type { KnowledgeBase, RetrievalSettings, SearchResult } from "../api/types";
import { recallForSession, rememberForSession } from "../settings/storage";
import { remembered, restored, type Try } from "./history";
import { DEFAULTS, sameSettings } from "./settings";

const SETTLING_MS = 300;

/** A value once it has not changed for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** The question and settings being tried, what they find, and what was tried before. */
export function useLab(kb: KnowledgeBase, question: string) {
  const inUse = kb.retrieval ?? DEFAULTS;
  const [asked, setAsked] = useState(question);
  const [settings, setSettings] = useState<RetrievalSettings>(inUse);
  const settled = useSettled(settings);
  const found = useQuery({
    queryKey: ["lab", kb.id, asked, settled],
    queryFn: ({ signal }) => search(kb.id, { query: asked, settings: settled, explain: true }, signal),
    enabled: asked !== "",
    placeholderData: keepPreviousData,
  });
  const history = useHistory(kb.id, asked, settled, found.isPlaceholderData ? undefined : found.data);
  const keeping = useKeeping(kb.id);
  return { asked, setAsked, settings, setSettings, settled, found, history, keeping, isInUse: sameSettings(settings, inUse) };
}

function useKeeping(kb: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (settings: RetrievalSettings) => keepSettings(kb, settings),
    onSuccess: () => client.invalidateQueries({ queryKey: ["knowledge-base"] }),
  });
}

function useHistory(kb: string, query: string, settings: RetrievalSettings, found: SearchResult | undefined) {
  const key = `lab.${kb}`;
  const [tries, setTries] = useState<readonly Try[]>(() => restored(recallForSession(key)));
  const [seen, setSeen] = useState<SearchResult>();
  if (found !== undefined && found !== seen) {
    setSeen(found);
    setTries((now) => remembered(now, { query, settings, first: found.hits[0]?.document_name ?? null }));
  }
  useEffect(() => rememberForSession(key, JSON.stringify(tries)), [key, tries]);
  return { tries, forget: () => setTries([]) };
}
