import { useEffect, useRef } from "react";

import { originalAddress } from "../api/endpoints";
import { useWords } from "../i18n/words";
import { useSource } from "./source-context";
import { SourceText } from "./source-text";
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
      <SourceText kb={kb} passage={passage} />
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
