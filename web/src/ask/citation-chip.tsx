import {
  autoUpdate, flip, FloatingPortal, offset, safePolygon, shift, useDismiss, useFloating, useFocus, useHover,
  useInteractions, useRole,
} from "@floating-ui/react";
import { useState } from "react";

import type { Citation } from "../api/types";
import { useWords } from "../i18n/words";
import { citationPassage, useSource } from "../source/source-context";
import { languageOf } from "../text/language";

interface CitationChipProps {
  citation: Citation;
  /** All of the answer's, so that the reader can step from one to the next. */
  all: readonly Citation[];
}

/** A superscript number: a look at the quote on hover or focus, the source itself on click. */
export function CitationChip({ citation, all }: CitationChipProps) {
  const { t, count } = useWords();
  const source = useSource();
  const [shown, setShown] = useState(false);
  // eslint-disable-next-line @typescript-eslint/unbound-method -- made by useCallback, so bound to nothing
  const { refs: { setReference, setFloating }, floatingStyles, context } = useFloating({
    open: shown,
    onOpenChange: setShown,
    placement: "top",
    whileElementsMounted: autoUpdate,
    middleware: [offset(8), flip({ padding: 12 }), shift({ padding: 12 })],
  });
  const { getReferenceProps, getFloatingProps } = useInteractions([
    useHover(context, { delay: { open: 120, close: 60 }, handleClose: safePolygon(), mouseOnly: true }),
    useFocus(context),
    useDismiss(context),
    useRole(context, { role: "tooltip" }),
  ]);
  const { n, document_name: name, page, heading, quote } = citation;
  const label = page === null ? t("ask.cite", { n, name }) : t("ask.citePage", { n, name, page: count(page) });
  const open = () => {
    setShown(false);
    source.open(all.map(citationPassage), all.indexOf(citation));
  };
  const place = [page === null ? null : t("ask.page", { page: count(page) }), heading];
  return (
    <>
      <sup className="cite">
        <button type="button" ref={setReference} aria-label={label} {...getReferenceProps({ onClick: open })}>
          {n}
        </button>
      </sup>
      {shown && (
        <FloatingPortal>
          <div ref={setFloating} className="quote-card" style={floatingStyles} {...getFloatingProps()}>
            <p className="quote-card-title">{name}</p>
            <p className="fine">{place.filter((part) => part !== null).join(" · ")}</p>
            <p className="voice clipped" lang={languageOf(quote)}>
              {quote}
            </p>
          </div>
        </FloatingPortal>
      )}
    </>
  );
}
