import { useWords } from "../i18n/words";
import { Chip } from "../parts/chip";
import { useFacets } from "./use-facets";

const MOST_SUGGESTIONS = 12;

interface TagSuggestionsProps {
  kb: string;
  chosen: readonly string[];
  onChange: (tags: string[]) => void;
}

/** Tags that other files have, so that the same thing gets the same word. */
export function TagSuggestions({ kb, chosen, onChange }: TagSuggestionsProps) {
  const { t } = useWords();
  const { tags } = useFacets(kb);
  if (tags.length === 0) return null;
  return (
    <fieldset className="chips">
      <legend className="visually-hidden">{t("files.knownTags")}</legend>
      {tags.slice(0, MOST_SUGGESTIONS).map(({ value }) => {
        const on = chosen.includes(value);
        const next = on ? chosen.filter((tag) => tag !== value) : [...chosen, value];
        return (
          <Chip key={value} checked={on} onChange={() => onChange(next)}>
            {value}
          </Chip>
        );
      })}
    </fieldset>
  );
}
