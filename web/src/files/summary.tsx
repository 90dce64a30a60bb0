import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { cancelJob, retryJob } from "../api/endpoints";
import type { DocumentRow } from "../api/types";
import { useWords } from "../i18n/words";
import { useAnnounce } from "../parts/announcer";
import { ConfirmDialog } from "../parts/confirm-dialog";
import { forEachFew } from "./batch";
import { needsPassword } from "./password-form";
import { refreshFiles } from "./refresh";
import type { Standing } from "./standing";
import { readAll, useStanding } from "./use-standing";

const STATES = ["ready", "running", "queued", "failed", "cancelled"] as const;

/** All files in one line, how long the rest takes, and what can be done about all of them at once. */
export function Summary({ kb }: { kb: string }) {
  const { t, counted, timeLeft } = useWords();
  const found = useStanding(kb);
  if (found === null) return null;
  const { standing, left } = found;
  const parts = STATES.filter((state) => standing[state] > 0).map((state) => t(`files.summary.${state}`, counted(standing[state])));
  if (parts.length === 0) return null;
  const words = [parts.join(t("files.summary.comma")), left === null ? null : timeLeft(left)];
  return (
    <section className="summary" aria-label={t("files.summary.label")}>
      <p>{words.filter((word) => word !== null).join(" · ")}</p>
      <AllAtOnce kb={kb} standing={standing} />
    </section>
  );
}

const canRetry = (row: DocumentRow): boolean => !needsPassword(row.error);

function AllAtOnce({ kb, standing }: { kb: string; standing: Standing }) {
  const { t, counted } = useWords();
  const client = useQueryClient();
  const announce = useAnnounce();
  const [stopping, setStopping] = useState(false);
  const locked = standing.failures.filter((row) => needsPassword(row.error)).length;
  const mendable = standing.failures.some(canRetry);
  const all = async (rows: readonly DocumentRow[], work: (job: string) => Promise<void>) => {
    const missed = await forEachFew(rows.filter((row) => row.job_id !== null), (row) => work(row.job_id ?? ""));
    await refreshFiles(client, kb);
    return { done: rows.length - missed, missed };
  };
  const retry = useMutation({
    mutationFn: async () => all((await readAll(kb, "failed")).filter(canRetry), (job) => retryJob(job)),
    onSuccess: ({ done }) => announce(t("files.retriedAll", counted(done))),
  });
  const stop = useMutation({
    // Waiting ones first, or they would begin while the running ones are stopped.
    mutationFn: async () => all([...(await readAll(kb, "queued")), ...(await readAll(kb, "running"))], cancelJob),
    onSuccess: ({ done }) => announce(t("files.stoppedAll", counted(done))),
  });
  const missed = (retry.data?.missed ?? 0) + (stop.data?.missed ?? 0);
  return (
    <>
      {mendable && (
        <button type="button" className="quiet" disabled={retry.isPending} onClick={() => retry.mutate()}>
          {t("files.retryAll")}
        </button>
      )}
      {standing.queued + standing.running > 0 && (
        <button type="button" className="quiet" disabled={stop.isPending} onClick={() => setStopping(true)}>
          {t("files.stopAll")}
        </button>
      )}
      {locked > 0 && <p className="fine">{t("files.needPasswords", counted(locked))}</p>}
      {missed > 0 && <p className="fine">{t("files.someFailed", counted(missed))}</p>}
      {stopping && (
        <ConfirmDialog
          title={t("files.stopAllTitle")}
          body={t("files.stopAllBody")}
          action={t("files.stopAll")}
          run={() => stop.mutateAsync()}
          onClose={() => setStopping(false)}
        />
      )}
    </>
  );
}
