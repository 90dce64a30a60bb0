import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { cancelJob, deleteDocument, retryJob } from "../api/endpoints";
import type { DocumentRow } from "../api/types";
import { useWords } from "../i18n/words";
import { useAnnounce } from "../parts/announcer";
import { ConfirmDialog } from "../parts/confirm-dialog";
import { needsPassword } from "./password-form";
import { refreshFiles } from "./refresh";
import { TagsDialog } from "./tags-dialog";
import { isActive } from "./use-documents";

/** What can be done with one file. Every button says aloud which file it is about. */
export function DocumentActions({ kb, row }: { kb: string; row: DocumentRow }) {
  const { t, failure } = useWords();
  const client = useQueryClient();
  const announce = useAnnounce();
  const [asking, setAsking] = useState<"remove" | "tags" | null>(null);
  const job = row.job_id;
  const refresh = () => refreshFiles(client, kb);
  const act = useMutation({ mutationFn: (work: () => Promise<void>) => work(), onSettled: refresh });
  const remove = async () => {
    await deleteDocument(kb, row.id);
    announce(t("files.removed", { name: row.name }));
    await refresh();
  };
  const again = (row.status === "failed" && !needsPassword(row.error)) || row.status === "cancelled";
  const on = (action: string) => t("files.actionOn", { action, name: row.name });
  const close = () => setAsking(null);
  return (
    <div className="row-actions">
      {job !== null && again && (
        <button type="button" aria-label={on(t("files.retry"))} disabled={act.isPending} onClick={() => act.mutate(() => retryJob(job))}>
          {t("files.retry")}
        </button>
      )}
      {job !== null && isActive(row) && (
        <button
          type="button"
          className="quiet"
          aria-label={on(t("files.cancel"))}
          disabled={act.isPending}
          onClick={() => act.mutate(() => cancelJob(job))}
        >
          {t("files.cancel")}
        </button>
      )}
      <button type="button" className="quiet" aria-label={on(t("files.editTags"))} onClick={() => setAsking("tags")}>
        {t("files.editTags")}
      </button>
      {!(isActive(row) && job !== null) && (
        <button type="button" className="quiet" aria-label={on(t("files.remove"))} onClick={() => setAsking("remove")}>
          {t("files.remove")}
        </button>
      )}
      {act.isError && (
        <span className="file-reason" role="alert">
          {failure(act.error)}
        </span>
      )}
      {asking === "remove" && (
        <ConfirmDialog
          title={t("files.removeTitle", { name: row.name })}
          body={t("files.removeBody")}
          action={t("files.remove")}
          run={remove}
          onClose={close}
        />
      )}
      {asking === "tags" && <TagsDialog kb={kb} row={row} onClose={close} />}
    </div>
  );
}
