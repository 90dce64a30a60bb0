import { useMutation } from "@tanstack/react-query";
import { useId, useState, type SyntheticEvent } from "react";

import { search } from "../api/endpoints";
import type { Hit, SearchMode } from "../api/types";
import { useWords } from "../i18n/words";
import { useAnnounce } from "../parts/announcer";
import { Choice } from "../parts/choice";
import { FailureNote } from "../parts/failure-note";
import { useKnowledgeBase } from "../shell/knowledge-base-layout";
import { hitPassage, useSource } from "../source/source-context";
import { PassageRow } from "./passage-row";
import { ScoreList } from "./score-list";

const MODES: readonly SearchMode[] = ["hybrid", "dense", "lexical"];

/** Passages and their scores, without an answer. */
export function SearchPage() {
  const { t, counted, duration } = useWords();
  const kb = useKnowledgeBase();
  const field = useId();
  const announce = useAnnounce();
  const [query, setQuery] = useState("");
  const [mode, setMode] = useState<SearchMode>("hybrid");
  const run = useMutation({
    mutationFn: (asked: { query: string; mode: SearchMode }) => timedSearch(kb.id, asked.query, asked.mode),
    onSuccess: ({ hits, milliseconds }) => announce(summary(hits, milliseconds)),
  });
  const summary = (hits: readonly Hit[], milliseconds: number) =>
    hits.length === 0 ? t("search.none") : t("search.results", { ...counted(hits.length), duration: duration(milliseconds) });
  const start = (chosen: SearchMode) => {
    if (query.trim() !== "") run.mutate({ query: query.trim(), mode: chosen });
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    start(mode);
  };
  return (
    <div className="column search">
      <h1>{t("search.title", { name: kb.name })}</h1>
      <p className="muted">{t("search.hint")}</p>
      <form role="search" className="search-form" onSubmit={submit}>
        <label className="visually-hidden" htmlFor={field}>
          {t("search.label")}
        </label>
        <input
          id={field}
          type="search"
          value={query}
          placeholder={t("search.placeholder")}
          onChange={(event) => setQuery(event.target.value)}
        />
        <button type="submit" className="primary" disabled={query.trim() === "" || run.isPending}>
          {t("search.action")}
        </button>
      </form>
      <Choice
        legend={t("search.mode")}
        options={MODES.map((value) => ({ value, label: t(`search.modes.${value}`) }))}
        value={mode}
        onChange={(chosen) => {
          setMode(chosen);
          if (run.data !== undefined) start(chosen);
        }}
      />
      {run.isPending && <p className="muted">{t("ask.searching")}</p>}
      {run.isError && <FailureNote error={run.error} onRetry={() => start(mode)} />}
      {run.isSuccess && (
        <>
          <p className="fine tally">{summary(run.data.hits, run.data.milliseconds)}</p>
          <Results hits={run.data.hits} />
        </>
      )}
    </div>
  );
}

async function timedSearch(kb: string, query: string, mode: SearchMode) {
  const begun = performance.now();
  const { hits, timings_ms } = await search(kb, query, mode);
  return { hits, milliseconds: timings_ms["total"] ?? performance.now() - begun };
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
