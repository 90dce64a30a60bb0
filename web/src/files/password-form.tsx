import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type SyntheticEvent } from "react";

import { retryJob } from "../api/endpoints";
import type { DocumentRow, Reason } from "../api/types";
import { useWords } from "../i18n/words";
import { PasswordField } from "./password-field";
import { refreshFiles } from "./refresh";

/** Files that a password was tried on during this visit; the passwords themselves are not remembered. */
const tried = new Set<string>();

export const needsPassword = (error: Reason | null): boolean =>
  error?.code === "password_required" || error?.code === "wrong_password";

/** Whether the file was read but for parts that a password may open. */
export const hasLockedParts = (row: Pick<DocumentRow, "status" | "warnings">): boolean =>
  row.status === "ready" && row.warnings.some(({ code }) => code === "member_locked");

/** Asks for a locked file's password where the failure stands, and reads the file again with it. */
export function PasswordForm({ kb, row }: { kb: string; row: DocumentRow }) {
  const { t, failure } = useWords();
  const client = useQueryClient();
  const note = useId();
  const [password, setPassword] = useState("");
  const job = row.job_id;
  const open = useMutation({
    mutationFn: async () => {
      if (job === null) return;
      tried.add(row.id);
      await retryJob(job, password);
    },
    onSuccess: () => setPassword(""),
    onSettled: () => refreshFiles(client, kb),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (password !== "") open.mutate();
  };
  const wrong = tried.has(row.id) && !open.isPending;
  return (
    <form className="password" onSubmit={submit}>
      <p id={note} className={wrong ? "file-reason" : undefined} role={wrong ? "alert" : undefined}>
        {t(wrong ? "files.password.wrong" : row.status === "ready" ? "files.password.askParts" : "files.password.ask")}
      </p>
      <PasswordField name={row.name} note={note} value={password} onChange={setPassword} busy={open.isPending || job === null} />
      {open.isError && (
        <p className="file-reason" role="alert">
          {failure(open.error)}
        </p>
      )}
    </form>
  );
}
