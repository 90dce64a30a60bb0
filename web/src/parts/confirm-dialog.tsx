import { useMutation } from "@tanstack/react-query";
import { useId, useState, type SyntheticEvent } from "react";

import { useWords } from "../i18n/words";
import { Dialog } from "./dialog";
import { FailureNote } from "./failure-note";

interface ConfirmDialogProps {
  title: string;
  body: string;
  action: string;
  /** Where given, this exact text must be typed first. */
  typed?: { label: string; text: string };
  run: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks before something is lost. */
export function ConfirmDialog({ title, body, action, typed, run, onClose }: ConfirmDialogProps) {
  const { t } = useWords();
  const field = useId();
  const [text, setText] = useState("");
  const mutation = useMutation({ mutationFn: run, onSuccess: onClose });
  const blocked = typed !== undefined && text.trim() !== typed.text.trim();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!blocked) mutation.mutate();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <p>{body}</p>
        {typed !== undefined && (
          <div className="field">
            <label htmlFor={field}>{typed.label}</label>
            <input id={field} value={text} onChange={(event) => setText(event.target.value)} autoComplete="off" />
          </div>
        )}
        {mutation.isError && <FailureNote error={mutation.error} />}
        <div className="dialog-actions">
          <button type="button" className="quiet" onClick={onClose}>
            {t("common.cancel")}
          </button>
          <button type="submit" className="primary" disabled={blocked || mutation.isPending}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
