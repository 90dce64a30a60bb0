import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type SyntheticEvent } from "react";

import { changeTags } from "../api/endpoints";
import type { DocumentRow } from "../api/types";
import { useWords } from "../i18n/words";
import { Dialog } from "../parts/dialog";
import { FailureNote } from "../parts/failure-note";
import { refreshFiles } from "./refresh";
import { TagSuggestions } from "./tag-suggestions";
import { joinTags, parseTags } from "./tags";

interface TagsDialogProps {
  kb: string;
  row: DocumentRow;
  onClose: () => void;
}

/** The tags of one file, as a line to edit, with those in use to choose from. */
export function TagsDialog({ kb, row, onClose }: TagsDialogProps) {
  const { t, language } = useWords();
  const field = useId();
  const client = useQueryClient();
  const [text, setText] = useState(joinTags(row.tags, language));
  const save = useMutation({
    mutationFn: () => changeTags(kb, row.id, parseTags(text)),
    onSuccess: async () => {
      onClose();
      await refreshFiles(client, kb);
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={t("files.editTagsOf", { name: row.name })} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="field">
          <label htmlFor={field}>{t("files.tags")}</label>
          <input id={field} value={text} placeholder={t("files.tagsHint")} onChange={(event) => setText(event.target.value)} autoComplete="off" />
        </div>
        <TagSuggestions kb={kb} chosen={parseTags(text)} onChange={(tags) => setText(joinTags(tags, language))} />
        {save.isError && <FailureNote error={save.error} />}
        <div className="dialog-actions">
          <button type="button" className="quiet" onClick={onClose}>
            {t("common.cancel")}
          </button>
          <button type="submit" className="primary" disabled={save.isPending}>
            {t("common.save")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
