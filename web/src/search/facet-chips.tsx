import { useState } from "react";

import type { Facet, Facets } from "../api/types";
import { useWords } from "../i18n/words";
import { Chip } from "../parts/chip";
import { FIELDS, isChosen, isNothing, NOTHING, toggled, type Field, type Selection } from "./selection";

const FEW = 8;

interface FacetChipsProps {
  facets: Facets;
  selection: Selection;
  onChange: (selection: Selection) => void;
}

/** What a search can be narrowed to, by what the files are; several at once. Not there where all files are alike. */
export function FacetChips({ facets, selection, onChange }: FacetChipsProps) {
  const { t } = useWords();
  const [opened] = useState(() => window.matchMedia("(min-width: 46rem)").matches);
  const fields = FIELDS.filter((field) => facets[field].length > 1 || selection[field].length > 0);
  if (fields.length === 0) return null;
  return (
    <details className="facets" open={opened}>
      <summary>{t("search.narrow")}</summary>
      {fields.map((field) => (
        <FacetLine key={field} field={field} values={facets[field]} selection={selection} onChange={onChange} />
      ))}
      {!isNothing(selection) && (
        <button type="button" className="quiet" onClick={() => onChange(NOTHING)}>
          {t("search.clear")}
        </button>
      )}
    </details>
  );
}

interface FacetLineProps extends Omit<FacetChipsProps, "facets"> {
  field: Field;
  values: readonly Facet[];
}

function FacetLine({ field, values, selection, onChange }: FacetLineProps) {
  const { t, count, counted, kindName, languageName } = useWords();
  const [all, setAll] = useState(false);
  const name = { kinds: kindName, languages: languageName, tags: same, authors: same, years: same }[field];
  // Years in their order; the others as the server has them, most frequent first.
  const ordered = field === "years" ? values.toSorted((one, other) => Number(other.value) - Number(one.value)) : values;
  const shown = ordered.filter(({ value }, index) => all || index < FEW || isChosen(selection, field, value));
  const rest = values.length - shown.length;
  return (
    <fieldset className="chips">
      <legend>{t(`search.facets.${field}`)}</legend>
      {shown.map(({ value, count: documents }) => (
        <Chip
          key={value}
          checked={isChosen(selection, field, value)}
          onChange={() => onChange(toggled(selection, field, value))}
        >
          {name(value)} <span className="chip-count">{count(documents)}</span>
        </Chip>
      ))}
      {rest > 0 && (
        <button type="button" className="quiet" onClick={() => setAll(true)}>
          {t("search.moreValues", counted(rest))}
        </button>
      )}
    </fieldset>
  );
}

const same = (value: string) => value;
