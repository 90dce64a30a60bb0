import { useMutation } from "@tanstack/react-query";
import { useId, useState, type SyntheticEvent } from "react";

import { useWords } from "../i18n/words";
import { Dialog } from "./dialog";
import { FailureNote } from "./failure-note";

interface NameDialogProps {
  title: string;
  action: string;
  initial: string;
  save: (name: string) => Promise<unknown>;
  onClose: () => void;
}

/** Asks for a knowledge base's name, new or changed. */
export function NameDialog({ title, action, initial, save, onClose }: NameDialogProps) {
  const { t } = useWords();
  const field = useId();
  const [name, setName] = useState(initial);
  const mutation = useMutation({ mutationFn: () => save(name.trim()), onSuccess: onClose });
  const blocked = name.trim() === "" || mutation.isPending;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!blocked) mutation.mutate();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="field">
          <label htmlFor={field}>{t("shelves.name")}</label>
          <input
            id={field}
            value={name}
            maxLength={100}
            placeholder={t("shelves.namePlaceholder")}
            onChange={(event) => setName(event.target.value)}
            autoComplete="off"
          />
        </div>
        {mutation.isError && <FailureNote error={mutation.error} />}
        <div className="dialog-actions">
          <button type="button" className="quiet" onClick={onClose}>
            {t("common.cancel")}
          </button>
          <button type="submit" className="primary" disabled={blocked}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
