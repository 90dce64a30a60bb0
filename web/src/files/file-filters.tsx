import { useCallback, useEffect, useId, useState } from "react";

import type { DocumentStatus, Facet } from "../api/types";
import { useWords } from "../i18n/words";
import { Choice } from "../parts/choice";
import type { DocumentFilter } from "./use-documents";
import { useFacets } from "./use-facets";

const STATES = ["all", "ready", "running", "queued", "failed", "cancelled"] as const;
const TYPING_PAUSE_MS = 250;

interface FileFiltersProps {
  kb: string;
  filter: DocumentFilter;
  onChange: (change: Partial<DocumentFilter>) => void;
}

/** Which files to list: by state, format, tag, and part of a name or title. */
export function FileFilters({ kb, filter, onChange }: FileFiltersProps) {
  const { t, kindName } = useWords();
  const { kinds, tags } = useFacets(kb);
  const find = useCallback((q: string) => onChange({ q }), [onChange]);
  const status = (value: (typeof STATES)[number]): DocumentStatus | null => (value === "all" ? null : value);
  return (
    <div className="filters">
      <Choice
        legend={t("files.filter")}
        options={STATES.map((value) => ({ value, label: t(`files.filters.${value}`) }))}
        value={filter.status ?? "all"}
        onChange={(value) => onChange({ status: status(value) })}
      />
      <div className="filters-line">
        <Find value={filter.q} onChange={find} />
        <Pick
          label={t("files.byKind")}
          any={t("files.anyKind")}
          facets={kinds}
          name={kindName}
          value={filter.kind}
          onChange={(kind) => onChange({ kind })}
        />
        <Pick
          label={t("files.byTag")}
          any={t("files.anyTag")}
          facets={tags}
          name={(tag) => tag}
          value={filter.tag}
          onChange={(tag) => onChange({ tag })}
        />
      </div>
    </div>
  );
}

/** Asks the server after a pause in typing, not at every letter. */
function Find({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const { t } = useWords();
  const field = useId();
  const [text, setText] = useState(value);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onChange(text.trim()), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <>
      <label className="visually-hidden" htmlFor={field}>
        {t("files.find")}
      </label>
      <input
        id={field}
        type="search"
        className="find"
        value={text}
        maxLength={200}
        placeholder={t("files.findPlaceholder")}
        onChange={(event) => setText(event.target.value)}
      />
    </>
  );
}

interface PickProps {
  label: string;
  any: string;
  facets: readonly Facet[];
  name: (value: string) => string;
  value: string | null;
  onChange: (value: string | null) => void;
}

/** Shown where there is something to choose; what is chosen stays in the list even if no file has it any more. */
function Pick({ label, any, facets, name, value, onChange }: PickProps) {
  const { count } = useWords();
  if (facets.length < 2 && value === null) return null;
  const gone = value !== null && !facets.some((facet) => facet.value === value);
  return (
    <select aria-label={label} value={value ?? ""} onChange={(event) => onChange(event.target.value === "" ? null : event.target.value)}>
      <option value="">{any}</option>
      {gone && <option value={value}>{name(value)}</option>}
      {facets.map((facet) => (
        <option key={facet.value} value={facet.value}>{`${name(facet.value)} (${count(facet.count)})`}</option>
      ))}
    </select>
  );
}
