import { useEffect, useId, useRef, useState, type SyntheticEvent } from "react";
import { useSearchParams } from "react-router";

import { useWords } from "../i18n/words";
import { useAnnounce } from "../parts/announcer";
import { FailureNote } from "../parts/failure-note";
import { useKnowledgeBase } from "../shell/knowledge-base-layout";
import { Controls } from "./controls";
import { LabHits } from "./lab-hits";
import { OwnWords } from "./own-words";
import { RerankingNote } from "./reranking-note";
import { Tries } from "./tries";
import { useLab } from "./use-lab";
import { WhyNot } from "./why-not";

/** Where retrieval is tried out: settings beside what they find, and why something else was not found. */
export function LabPage() {
  const { t, counted, duration } = useWords();
  const kb = useKnowledgeBase();
  const announce = useAnnounce();
  const [address] = useSearchParams();
  const brought = (address.get("question") ?? "").trim();
  const lab = useLab(kb, brought);
  const [query, setQuery] = useState(brought);
  const { found, asked, settled } = lab;
  const summary =
    found.data === undefined
      ? null
      : found.data.hits.length === 0
        ? t("search.none")
        : t("search.results", { ...counted(found.data.hits.length), duration: duration(found.data.timings_ms["total"] ?? 0) });
  const told = useRef<string>(null);
  useEffect(() => {
    if (summary !== null && !found.isPlaceholderData && told.current !== summary) announce(summary);
    told.current = summary;
  }, [summary, found.isPlaceholderData, announce]);
  return (
    <div className="column lab">
      <h1>{t("lab.title", { name: kb.name })}</h1>
      <p className="muted">{t("lab.hint")}</p>
      <Question query={query} onChange={setQuery} onSubmit={() => lab.setAsked(query.trim())} />
      <div className="lab-sides">
        <aside className="lab-side" aria-label={t("lab.controls")}>
          <Controls
            settings={lab.settings}
            tuning={found.data?.tuning ?? null}
            isInUse={lab.isInUse}
            keeping={lab.keeping}
            onChange={lab.setSettings}
          />
          <OwnWords kb={kb.id} />
          <Tries
            tries={lab.history.tries}
            onForget={lab.history.forget}
            onChoose={(one) => {
              setQuery(one.query);
              lab.setAsked(one.query);
              lab.setSettings(one.settings);
            }}
          />
        </aside>
        <section className="lab-found" aria-busy={found.isFetching}>
          {asked === "" && <p className="muted">{t("lab.begin")}</p>}
          {found.isError && <FailureNote error={found.error} onRetry={() => void found.refetch()} />}
          {found.isLoading && <p className="muted">{t("ask.searching")}</p>}
          {found.data !== undefined && (
            <>
              <p className="fine tally">{summary}</p>
              {found.data.reranking !== null && <RerankingNote reranking={found.data.reranking} />}
              <LabHits hits={found.data.hits} />
              <WhyNot kb={kb.id} query={asked} settings={settled} onTry={lab.setSettings} />
            </>
          )}
        </section>
      </div>
    </div>
  );
}

interface QuestionProps {
  query: string;
  onChange: (query: string) => void;
  onSubmit: () => void;
}

function Question({ query, onChange, onSubmit }: QuestionProps) {
  const { t } = useWords();
  const field = useId();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form role="search" className="search-form" onSubmit={submit}>
      <label className="visually-hidden" htmlFor={field}>
        {t("lab.label")}
      </label>
      <input
        id={field}
        type="search"
        value={query}
        placeholder={t("search.placeholder")}
        onChange={(event) => onChange(event.target.value)}
      />
      <button type="submit" className="primary" disabled={query.trim() === ""}>
        {t("lab.action")}
      </button>
    </form>
  );
}
