import { useLayoutEffect, useRef, useState, type ReactNode } from "react";

import { pictureAddress } from "../api/endpoints";
import type { Box } from "../api/types";
import { useWords } from "../i18n/words";
import { Choice } from "../parts/choice";
import type { Passage } from "./source-context";
import { useBoxes } from "./use-boxes";

const SIZES = ["whole", "width", "double"] as const;
type Size = (typeof SIZES)[number];

/** Pixels asked of the server, which draws up to 2,000: sharp on a fine screen, without being fetched larger than shown. */
const PIXELS: Readonly<Record<Size, number>> = { whole: 1000, width: 1400, double: 2000 };

interface SourcePageProps {
  kb: string;
  passage: Passage;
  /** Pages of the document, where known. */
  total: number | null;
  onMissing: () => void;
  /** The switch between text and page, shown with the other tools. */
  children: ReactNode;
}

/** The page as it looks, with the passage marked on it. */
export function SourcePage({ kb, passage, total, onMissing, children }: SourcePageProps) {
  const { t, count } = useWords();
  const { boxes, pending } = useBoxes(kb, passage);
  const [turned, setTurned] = useState<number | null>(null);
  const [size, setSize] = useState<Size>("width");
  const cited = boxes[0]?.page ?? passage.page ?? 1;
  const page = turned ?? cited;
  const name = passage.documentName;
  return (
    <>
      <div className="source-tools">
        {children}
        <PageTurner page={page} total={total} onTurn={setTurned} />
        <Choice
          legend={t("source.size")}
          options={SIZES.map((value) => ({ value, label: t(`source.sizes.${value}`) }))}
          value={size}
          onChange={setSize}
        />
      </div>
      {page !== cited && (
        <button type="button" className="quiet source-back" onClick={() => setTurned(null)}>
          {t("source.backToPage", { page: count(cited) })}
        </button>
      )}
      {pending ? (
        <div className="source-body muted">{t("source.pictureLoading")}</div>
      ) : (
        <Picture
          key={page}
          address={pictureAddress(kb, passage.documentId, page, PIXELS[size])}
          label={t("source.picture", { page: count(page), name })}
          size={size}
          boxes={boxes.filter((box) => box.page === page)}
          quote={passage.quote}
          onMissing={onMissing}
        />
      )}
    </>
  );
}

function PageTurner({ page, total, onTurn }: { page: number; total: number | null; onTurn: (page: number) => void }) {
  const { t, count } = useWords();
  const words = total === null ? t("source.pageAlone", { page: count(page) }) : t("source.pageOf", { page: count(page), total: count(total) });
  return (
    <div className="stepper">
      <button type="button" className="quiet turn-page" aria-label={t("source.previousPage")} disabled={page <= 1} onClick={() => onTurn(page - 1)}>
        ‹
      </button>
      <span role="status">{words}</span>
      <button
        type="button"
        className="quiet turn-page"
        aria-label={t("source.nextPage")}
        disabled={total !== null && page >= total}
        onClick={() => onTurn(page + 1)}
      >
        ›
      </button>
    </div>
  );
}

interface PictureProps {
  address: string;
  label: string;
  size: Size;
  boxes: readonly Box[];
  quote: string;
  onMissing: () => void;
}

function Picture({ address, label, size, boxes, quote, onMissing }: PictureProps) {
  const { t } = useWords();
  const [loaded, setLoaded] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  const sheet = useRef<HTMLDivElement>(null);
  const highest = boxes.length === 0 ? null : Math.min(...boxes.map((box) => box.y0));
  useLayoutEffect(() => {
    const [scroller, paper] = [body.current, sheet.current];
    if (!loaded || scroller === null || paper === null || highest === null) return;
    const top = paper.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
    scroller.scrollTop = top + paper.offsetHeight * highest - scroller.clientHeight / 4;
    // Again when the size changes: the mark is what the reader came for.
  }, [loaded, highest, size]);
  return (
    // A scrolling region must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div ref={body} className="source-body source-picture" data-size={size} tabIndex={0} role="region" aria-label={label}>
      {!loaded && <p className="muted">{t("source.pictureLoading")}</p>}
      <div ref={sheet} className="sheet" hidden={!loaded}>
        <img src={address} alt={label} onLoad={() => setLoaded(true)} onError={onMissing} />
        {boxes.map((box, index) => (
          <div key={index} className="page-mark" aria-hidden="true" style={placeOf(box)} />
        ))}
      </div>
      {boxes.length > 0 && <p className="visually-hidden">{t("source.pictureQuote", { quote })}</p>}
    </div>
  );
}

function placeOf({ x0, y0, x1, y1 }: Box) {
  const percent = (value: number) => `${value * 100}%`;
  return { left: percent(x0), top: percent(y0), width: percent(x1 - x0), height: percent(y1 - y0) };
}
