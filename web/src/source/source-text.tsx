import { useQuery } from "@tanstack/react-query";
import { useLayoutEffect, useMemo, useRef, useState } from "react";

import { readDocumentText } from "../api/endpoints";
import { useWords } from "../i18n/words";
import { FailureNote } from "../parts/failure-note";
import { languageOf } from "../text/language";
import { head, locate, tail } from "./locate";
import type { Passage } from "./source-context";

/** How much around the passage is shown at first, and added by each step, in UTF-16 units: books stay light. */
const AROUND = 12_000;

export function SourceText({ kb, passage }: { kb: string; passage: Passage }) {
  const { t } = useWords();
  const query = useQuery({
    queryKey: ["text", kb, passage.documentId],
    queryFn: ({ signal }) => readDocumentText(kb, passage.documentId, signal),
    staleTime: 60_000,
  });
  if (query.isPending) return <div className="source-body muted">{t("source.loading")}</div>;
  if (query.data === undefined) {
    return (
      <div className="source-body">
        <FailureNote error={query.error} onRetry={() => void query.refetch()} />
        <blockquote className="voice" lang={languageOf(passage.quote)}>
          {passage.quote}
        </blockquote>
      </div>
    );
  }
  const key = `${passage.documentId} ${passage.start} ${passage.end}`;
  return <Located key={key} text={query.data} passage={passage} />;
}

function Located({ text, passage }: { text: string; passage: Passage }) {
  const { t } = useWords();
  const body = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLElement>(null);
  const [reach, setReach] = useState({ before: AROUND, after: AROUND });
  const place = useMemo(() => locate(text, passage.start, passage.end, passage.quote), [text, passage]);
  const before = tail(place.before, reach.before);
  const after = head(place.after, reach.after);
  useLayoutEffect(() => {
    const scroller = body.current;
    if (scroller === null || mark.current === null) return;
    // Not scrollIntoView: that would move the page behind as well.
    const top = mark.current.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    scroller.scrollTop += top - scroller.clientHeight / 4;
  }, []);
  const grow = (side: "before" | "after") => setReach((now) => ({ ...now, [side]: now[side] + AROUND * 4 }));
  return (
    // A scrolling region must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div ref={body} className="source-body" tabIndex={0} role="region" aria-label={passage.documentName}>
      {place.found === "moved" && <p className="notice">{t("source.moved")}</p>}
      {place.found === "lost" && (
        <div className="notice">
          <p>{t("source.lost")}</p>
          <blockquote className="voice">{passage.quote}</blockquote>
        </div>
      )}
      {before.length < place.before.length && (
        <button type="button" className="quiet" onClick={() => grow("before")}>
          {t("source.earlier")}
        </button>
      )}
      <div className="voice full-text" lang={languageOf(place.marked || text)}>
        {before}
        {place.found === "lost" ? place.marked : <mark ref={mark}>{place.marked}</mark>}
        {after}
      </div>
      {after.length < place.after.length && (
        <button type="button" className="quiet" onClick={() => grow("after")}>
          {t("source.later")}
        </button>
      )}
    </div>
  );
}
