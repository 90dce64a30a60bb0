import { useId, useState } from "react";

import { useWords } from "../i18n/words";
import { PresetSelect } from "./preset-select";
import { TagSuggestions } from "./tag-suggestions";
import { joinTags, parseTags } from "./tags";
import { useUploadOptions, useUploadStore } from "./upload-context";

/** How the next files are cut and tagged; nobody needs to open this. */
export function UploadOptionsBox({ kb }: { kb: string }) {
  const { t, language } = useWords();
  const store = useUploadStore();
  const { preset, tags } = useUploadOptions();
  const [text, setText] = useState(joinTags(tags, language));
  const [opened] = useState(preset !== "auto" || tags.length > 0);
  const field = useId();
  const setTags = (line: string) => {
    setText(line);
    store.choose({ preset, tags: parseTags(line) });
  };
  return (
    <details className="options" open={opened}>
      <summary>{t("files.options")}</summary>
      <p className="fine">{t("files.optionsHint")}</p>
      <PresetSelect value={preset} onChange={(chosen) => store.choose({ preset: chosen, tags })} />
      <div className="field">
        <label htmlFor={field}>{t("files.tags")}</label>
        <input id={field} value={text} placeholder={t("files.tagsHint")} onChange={(event) => setTags(event.target.value)} autoComplete="off" />
      </div>
      <TagSuggestions kb={kb} chosen={tags} onChange={(chosen) => setTags(joinTags(chosen, language))} />
    </details>
  );
}
