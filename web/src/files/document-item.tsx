import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { cancelJob, deleteDocument, originalAddress, retryJob } from "../api/endpoints";
import type { DocumentRow, Reason } from "../api/types";
import { useWords } from "../i18n/words";
import { useAnnounce } from "../parts/announcer";
import { ConfirmDialog } from "../parts/confirm-dialog";
import { FileName } from "./file-name";
import { Progress } from "./progress";
import { knownStage } from "./stage";
import { isActive } from "./use-documents";

/** One file: how far it is, what went wrong, and what can be done. */
export function DocumentItem({ kb, row }: { kb: string; row: DocumentRow }) {
  const { t, reason } = useWords();
  const { error } = row;
  return (
    <div className="file" data-status={row.status}>
      <FileName name={row.name} href={originalAddress(kb, row.id)} title={t("files.original")} />
      <State row={row} />
      <Actions kb={kb} row={row} />
      {row.status === "failed" && error !== null && <p className="file-reason">{reason(error)}</p>}
      {row.warnings.length > 0 && row.status !== "failed" && <Warnings warnings={row.warnings} />}
    </div>
  );
}

function State({ row }: { row: DocumentRow }) {
  const { t, count, counted, bytes, duration } = useWords();
  if (row.status === "running") {
    const stage = knownStage(row.stage);
    const chunks = stage !== "reading" && row.chunks_total !== null;
    const done = (chunks ? row.chunks_done : row.pages_done) ?? 0;
    const total = (chunks ? row.chunks_total : row.pages_total) ?? 0;
    const words = [
      stage === null ? t("files.status.running") : t(`files.stages.${stage}`),
      total > 0
        ? t(chunks ? "files.chunksProgress" : "files.pagesProgress", { done: count(done), total: count(total) })
        : null,
      row.seconds_left === null ? null : t("files.secondsLeft", { duration: duration(row.seconds_left * 1000) }),
    ];
    return (
      <div className="file-state">
        <span>{words.filter((word) => word !== null).join(" · ")}</span>
        {total > 0 && <Progress label={t("files.progressLabel", { name: row.name })} value={done / total} />}
      </div>
    );
  }
  const facts = [
    row.pages === null || row.pages === 0 ? null : t("files.pages", counted(row.pages)),
    row.status === "ready" ? t("shelves.chunks", counted(row.chunks)) : null,
    row.bytes === 0 ? null : bytes(row.bytes),
  ];
  return (
    <div className="file-state">
      <span className="state-word">{t(`files.status.${row.status}`)}</span>
      <span className="facts">{facts.filter((fact) => fact !== null).join(" · ")}</span>
    </div>
  );
}

function Warnings({ warnings }: { warnings: readonly Reason[] }) {
  const { t, reason, counted } = useWords();
  const [only] = warnings;
  if (warnings.length === 1 && only !== undefined) return <p className="file-warning">{reason(only)}</p>;
  return (
    <details className="file-warning">
      <summary>{t("files.warnings", counted(warnings.length))}</summary>
      <ul>
        {warnings.map((warning, index) => (
          <li key={index}>{reason(warning)}</li>
        ))}
      </ul>
    </details>
  );
}

function Actions({ kb, row }: { kb: string; row: DocumentRow }) {
  const { t, failure } = useWords();
  const client = useQueryClient();
  const announce = useAnnounce();
  const [removing, setRemoving] = useState(false);
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: ["documents", kb] });
    await client.invalidateQueries({ queryKey: ["knowledge-base", kb] });
    await client.invalidateQueries({ queryKey: ["knowledge-bases"] });
  };
  const job = row.job_id;
  const act = useMutation({ mutationFn: (work: () => Promise<void>) => work(), onSettled: refresh });
  const remove = async () => {
    await deleteDocument(kb, row.id);
    announce(t("files.removed", { name: row.name }));
    await refresh();
  };
  return (
    <div className="row-actions">
      {job !== null && (row.status === "failed" || row.status === "cancelled") && (
        <button type="button" disabled={act.isPending} onClick={() => act.mutate(() => retryJob(job))}>
          {t("files.retry")}
        </button>
      )}
      {job !== null && isActive(row) && (
        <button type="button" className="quiet" disabled={act.isPending} onClick={() => act.mutate(() => cancelJob(job))}>
          {t("files.cancel")}
        </button>
      )}
      {!(isActive(row) && job !== null) && (
        <button type="button" className="quiet" onClick={() => setRemoving(true)}>
          {t("files.remove")}
        </button>
      )}
      {act.isError && (
        <span className="file-reason" role="alert">
          {failure(act.error)}
        </span>
      )}
      {removing && (
        <ConfirmDialog
          title={t("files.removeTitle", { name: row.name })}
          body={t("files.removeBody")}
          action={t("files.remove")}
          run={remove}
          onClose={() => setRemoving(false)}
        />
      )}
    </div>
  );
}
