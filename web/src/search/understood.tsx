import type { UnderstoodQuery } from "../api/types";
import { useWords } from "../i18n/words";

interface UnderstoodProps {
  query: UnderstoodQuery;
  /** Searches again without what was written; without it filters are only told. */
  onRemove?: (written: string) => void;
}

/** What the server took from the query's own words as filters, what only looks like one, and the phrases that it did not find. */
export function Understood({ query, onRemove }: UnderstoodProps) {
  const { t, filterName } = useWords();
  const missing = query.phrases.filter((phrase) => !phrase.found);
  return (
    <>
      {query.filters.length > 0 && (
        <p className="understood">
          <span className="fine">{t("search.understood")}</span>
          {query.filters.map(({ key, value, written }, index) =>
            onRemove === undefined ? (
              <span key={index} className="chip-read">
                {filterName(key, value)}
              </span>
            ) : (
              <button
                key={index}
                type="button"
                className="chip-read"
                aria-label={t("search.removeFilter", { written })}
                onClick={() => onRemove(written)}
              >
                {filterName(key, value)} <span aria-hidden="true">×</span>
              </button>
            ),
          )}
        </p>
      )}
      {query.unclear.map((written, index) => (
        <p key={index} className="notice">
          {t("search.unclear", { written })}
        </p>
      ))}
      {missing.map((phrase, index) => (
        <p key={index} className="notice">
          {t("search.phraseMissing", { phrase: phrase.text })}
        </p>
      ))}
    </>
  );
}
