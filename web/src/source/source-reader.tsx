import { useEffect, useRef, useState } from "react";

import { originalAddress } from "../api/endpoints";
import { useWords } from "../i18n/words";
import { Choice } from "../parts/choice";
import { useSource, type Passage } from "./source-context";
import { SourcePage } from "./source-page";
import { SourceText } from "./source-text";
import { usePictured } from "./use-pictured";
import { useView, VIEWS } from "./use-view";
import { useWide } from "./use-wide";

/** The document beside the answer (on a phone: over it), opened at the cited place. */
export function SourceReader() {
  const { t, count } = useWords();
  const { kb, opened, open, close } = useSource();
  const ref = useRef<HTMLDialogElement>(null);
  const opener = useRef<Element | null>(null);
  const wide = useWide();
  useEffect(() => {
    opener.current ??= document.activeElement;
  }, []);
  useEffect(() => {
    const dialog = ref.current;
    if (wide) dialog?.show();
    else dialog?.showModal();
    return () => dialog?.close();
  }, [wide]);
  useEffect(() => {
    const back = opener.current;
    return () => {
      if (back instanceof HTMLElement && back.isConnected) back.focus();
    };
  }, []);
  const passage = opened?.passages[opened.index];
  if (opened === null || passage === undefined) return null;
  const { passages, index } = opened;
  const facts = [
    passage.page === null ? null : t("ask.page", { page: count(passage.page) }),
    passage.heading,
  ].filter((fact) => fact !== null);
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes a dialog, modal or not
    <dialog
      ref={ref}
      className="source"
      aria-label={`${t("source.title")}: ${passage.documentName}`}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <header>
        <div className="source-title">
          <h2>
            {passage.n !== null && <span className="cite-number">[{passage.n}]</span>} {passage.documentName}
          </h2>
          {facts.length > 0 && <p className="fine">{facts.join(" · ")}</p>}
        </div>
        <button type="button" className="quiet" onClick={close}>
          {t("common.close")}
        </button>
      </header>
      <Body kb={kb} passage={passage} />
      <footer>
        <a href={originalAddress(kb, passage.documentId)} target="_blank" rel="noreferrer">
          {t("source.original")}
        </a>
        {passages.length > 1 && (
          <div className="stepper">
            <button type="button" className="quiet" disabled={index === 0} onClick={() => open(passages, index - 1)}>
              {t("source.previous")}
            </button>
            <span>{t("source.position", { n: count(index + 1), total: count(passages.length) })}</span>
            <button
              type="button"
              className="quiet"
              disabled={index === passages.length - 1}
              onClick={() => open(passages, index + 1)}
            >
              {t("source.next")}
            </button>
          </div>
        )}
      </footer>
    </dialog>
  );
}

/** The text, or the page as it looks where the server has its picture. */
function Body({ kb, passage }: { kb: string; passage: Passage }) {
  const { t } = useWords();
  const pictured = usePictured(kb, passage.documentId);
  const [view, setView] = useView();
  const [missing, setMissing] = useState<string | null>(null);
  if (pictured === null) return <SourceText kb={kb} passage={passage} />;
  const lost = view === "page" && missing === passage.documentId;
  const choice = (
    <Choice
      legend={t("source.view")}
      options={VIEWS.map((value) => ({ value, label: t(`source.views.${value}`) }))}
      value={lost ? "text" : view}
      onChange={(chosen) => {
        setMissing(null);
        setView(chosen);
      }}
    />
  );
  if (view === "text" || lost) {
    return (
      <>
        <div className="source-tools">{choice}</div>
        {lost && <p className="notice source-notice">{t("source.noPicture")}</p>}
        <SourceText kb={kb} passage={passage} />
      </>
    );
  }
  const key = `${passage.documentId} ${passage.start} ${passage.end}`;
  return (
    <SourcePage key={key} kb={kb} passage={passage} total={pictured.pages} onMissing={() => setMissing(passage.documentId)}>
      {choice}
    </SourcePage>
  );
}
