import type { ReactNode } from "react";

import { useWords } from "../i18n/words";
import type { Passage } from "../source/source-context";
import { languageOf } from "../text/language";

interface PassageRowProps {
  passage: Passage;
  onOpen: () => void;
  children?: ReactNode;
}

/** A passage in the document's own voice, with where it stands; opens the source. */
export function PassageRow({ passage, onOpen, children }: PassageRowProps) {
  const { t, count } = useWords();
  const place = [passage.page === null ? null : t("ask.page", { page: count(passage.page) }), passage.heading];
  return (
    <article className="passage">
      <button type="button" className="passage-open" onClick={onOpen}>
        {passage.n !== null && <span className="cite-number">[{passage.n}]</span>}
        <span className="passage-name">{passage.documentName}</span>
        <span className="fine">{place.filter((part) => part !== null).join(" · ")}</span>
      </button>
      <p className="voice clipped" lang={languageOf(passage.quote)}>
        {passage.quote}
      </p>
      {children}
    </article>
  );
}
