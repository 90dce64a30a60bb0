import { useMutation } from "@tanstack/react-query";
import { useId, useState, type SyntheticEvent } from "react";

import { search } from "../api/endpoints";
import type { Hit, SearchMode, SearchRequest } from "../api/types";
import { useFacets } from "../files/use-facets";
import { useWords } from "../i18n/words";
import { useAnnounce } from "../parts/announcer";
import { Choice } from "../parts/choice";
import { FailureNote } from "../parts/failure-note";
import { useKnowledgeBase } from "../shell/knowledge-base-layout";
import { hitPassage, useSource } from "../source/source-context";
import { FacetChips } from "./facet-chips";
import { PassageRow } from "./passage-row";
import { ScoreList } from "./score-list";
import { filterOf, NOTHING, type Selection } from "./selection";
import { Understood } from "./understood";

const MODES: readonly SearchMode[] = ["hybrid", "dense", "lexical"];

/** Passages and their scores, without an answer. */
export function SearchPage() {
  const { t, counted, duration } = useWords();
  const kb = useKnowledgeBase();
  const announce = useAnnounce();
  const facets = useFacets(kb.id);
  const [query, setQuery] = useState("");
  const [mode, setMode] = useState<SearchMode>(kb.retrieval?.mode ?? "hybrid");
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const run = useMutation({
    mutationFn: (request: SearchRequest) => timedSearch(kb.id, request),
    onSuccess: ({ hits, milliseconds }) => announce(summary(hits, milliseconds)),
  });
  const summary = (hits: readonly Hit[], milliseconds: number) =>
    hits.length === 0 ? t("search.none") : t("search.results", { ...counted(hits.length), duration: duration(milliseconds) });
  const start = (changed: { query?: string; mode?: SearchMode; selection?: Selection } = {}) => {
    const words = (changed.query ?? query).trim();
    if (words !== "") run.mutate({ query: words, mode: changed.mode ?? mode, ...filterOf(changed.selection ?? selection) });
  };
  const without = (written: string) => {
    const rest = query.replace(written, "").replace(/\s+/g, " ").trim();
    setQuery(rest);
    start({ query: rest });
  };
  return (
    <div className="column search">
      <h1>{t("search.title", { name: kb.name })}</h1>
      <p className="muted">{t("search.hint")}</p>
      <SearchForm query={query} busy={run.isPending} onChange={setQuery} onSubmit={() => start()} />
      <Choice
        legend={t("search.mode")}
        options={MODES.map((value) => ({ value, label: t(`search.modes.${value}`) }))}
        value={mode}
        onChange={(chosen) => {
          setMode(chosen);
          if (run.data !== undefined) start({ mode: chosen });
        }}
      />
      <FacetChips
        facets={facets}
        selection={selection}
        onChange={(chosen) => {
          setSelection(chosen);
          if (run.data !== undefined) start({ selection: chosen });
        }}
      />
      {run.isPending && <p className="muted">{t("ask.searching")}</p>}
      {run.isError && <FailureNote error={run.error} onRetry={() => start()} />}
      {run.isSuccess && (
        <>
          <Understood query={run.data.query} onRemove={without} />
          <p className="fine tally">{summary(run.data.hits, run.data.milliseconds)}</p>
          <Results hits={run.data.hits} />
        </>
      )}
    </div>
  );
}

interface SearchFormProps {
  query: string;
  busy: boolean;
  onChange: (query: string) => void;
  onSubmit: () => void;
}

function SearchForm({ query, busy, onChange, onSubmit }: SearchFormProps) {
  const { t } = useWords();
  const field = useId();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form role="search" className="search-form" onSubmit={submit}>
      <label className="visually-hidden" htmlFor={field}>
        {t("search.label")}
      </label>
      <input
        id={field}
        type="search"
        value={query}
        placeholder={t("search.placeholder")}
        onChange={(event) => onChange(event.target.value)}
      />
      <button type="submit" className="primary" disabled={query.trim() === "" || busy}>
        {t("search.action")}
      </button>
    </form>
  );
}

async function timedSearch(kb: string, request: SearchRequest) {
  const begun = performance.now();
  const found = await search(kb, request);
  return { ...found, milliseconds: found.timings_ms["total"] ?? performance.now() - begun };
}

function Results({ hits }: { hits: readonly Hit[] }) {
  const source = useSource();
  const passages = hits.map(hitPassage);
  return (
    <ol className="passages">
      {hits.map((hit, index) => (
        <li key={hit.chunk_id}>
          <PassageRow passage={hitPassage(hit)} onOpen={() => source.open(passages, index)}>
            <ScoreList score={hit.score} scores={hit.scores} />
          </PassageRow>
        </li>
      ))}
    </ol>
  );
}
