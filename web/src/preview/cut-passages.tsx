import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";

import type { SplitChunk } from "../api/types";
import { useWords } from "../i18n/words";
import { languageOf } from "../text/language";

const PASSAGE_ESTIMATE_PX = 240;

/** The passages in order, in the document's own voice. Only those near the window exist: a book has thousands. */
export function CutPassages({ chunks }: { chunks: readonly SplitChunk[] }) {
  const { t } = useWords();
  const list = useRef<HTMLOListElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => setOffset(list.current?.offsetTop ?? 0), [chunks]);
  const virtual = useWindowVirtualizer({
    count: chunks.length,
    estimateSize: () => PASSAGE_ESTIMATE_PX,
    overscan: 6,
    scrollMargin: offset,
  });
  return (
    <ol ref={list} className="file-list cut-passages" aria-label={t("preview.passages")} style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map(({ key, index, start }) => {
        const chunk = chunks[index];
        return (
          <li
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            aria-setsize={chunks.length}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${start - offset}px)` }}
          >
            {chunk !== undefined && <CutPassage chunk={chunk} number={index + 1} />}
          </li>
        );
      })}
    </ol>
  );
}

function CutPassage({ chunk, number }: { chunk: SplitChunk; number: number }) {
  const { t, count, counted } = useWords();
  const { page, heading, text, tokens } = chunk;
  const place = [page === null ? null : t("ask.page", { page: count(page) }), heading];
  return (
    <article className="cut-passage" aria-label={t("preview.passage", { n: count(number) })}>
      <p className="cut-place">
        <span className="cut-number" aria-hidden="true">
          {count(number)}
        </span>
        <span>{place.filter((part) => part !== null).join(" · ")}</span>
        <span className="cut-tokens">{t("preview.tokens", counted(tokens))}</span>
      </p>
      <p className="voice cut-text" lang={languageOf(text)}>
        {text}
      </p>
    </article>
  );
}
