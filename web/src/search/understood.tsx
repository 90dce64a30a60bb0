import type { Phrase, TypedFilter } from "../api/types";
import { useWords } from "../i18n/words";

interface UnderstoodProps {
  filters: readonly TypedFilter[];
  phrases: readonly Phrase[];
  /** Searches again without what was written. */
  onRemove: (written: string) => void;
}

/** What the server took from the query's own words as filters, and the phrases that it did not find. */
export function Understood({ filters, phrases, onRemove }: UnderstoodProps) {
  const { t, filterName } = useWords();
  const missing = phrases.filter((phrase) => !phrase.found);
  return (
    <>
      {filters.length > 0 && (
        <p className="understood">
          <span className="fine">{t("search.understood")}</span>
          {filters.map(({ key, value, written }, index) => (
            <button
              key={index}
              type="button"
              className="chip-read"
              aria-label={t("search.removeFilter", { written })}
              onClick={() => onRemove(written)}
            >
              {filterName(key, value)} <span aria-hidden="true">×</span>
            </button>
          ))}
        </p>
      )}
      {missing.map((phrase, index) => (
        <p key={index} className="notice">
          {t("search.phraseMissing", { phrase: phrase.text })}
        </p>
      ))}
    </>
  );
}
