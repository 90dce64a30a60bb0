import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type SyntheticEvent } from "react";

import { addAddress } from "../api/endpoints";
import { ApiFailure } from "../api/failure";
import type { Accepted } from "../api/types";
import { metadataOf } from "../api/upload";
import { useWords } from "../i18n/words";
import { useAnnounce } from "../parts/announcer";
import { Dialog } from "../parts/dialog";
import { FailureNote } from "../parts/failure-note";
import { refreshFiles } from "./refresh";
import { useUploadOptions } from "./upload-context";

/** Addresses without a scheme are meant as https, as in a browser. */
export function completeAddress(typed: string): string | null {
  const text = typed.trim();
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : null;
  const web = url?.protocol === "http:" || url?.protocol === "https:";
  return web && text !== "" ? whole : null;
}

/** Adds a page of the web; a refusal is told in words and leaves the address to be mended. */
export function AddressDialog({ kb, onClose }: { kb: string; onClose: () => void }) {
  const { t } = useWords();
  const field = useId();
  const hint = useId();
  const client = useQueryClient();
  const announce = useAnnounce();
  const { preset, tags } = useUploadOptions();
  const [typed, setTyped] = useState("");
  const add = useMutation({
    mutationFn: (address: string) => addAddress(kb, address, metadataOf(preset, tags)).then(orRefusal),
    onSuccess: async (accepted) => {
      announce(t(accepted.known ? "files.address.known" : "files.address.added", { name: accepted.name }));
      if (!accepted.known) onClose();
      await refreshFiles(client, kb);
    },
  });
  const address = completeAddress(typed);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (address !== null && !add.isPending) add.mutate(address);
  };
  return (
    <Dialog title={t("files.address.title")} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <div className="field">
          <label htmlFor={field}>{t("files.address.label")}</label>
          <input
            id={field}
            type="url"
            inputMode="url"
            value={typed}
            placeholder="https://"
            maxLength={2048}
            aria-describedby={hint}
            autoComplete="off"
            onChange={(event) => {
              setTyped(event.target.value);
              add.reset();
            }}
          />
        </div>
        <p id={hint} className="fine">
          {typed.includes(":") && address === null ? t("files.address.malformed") : t("files.address.hint")}
        </p>
        {add.isError && <FailureNote error={add.error} />}
        {add.data?.known === true && <p className="notice">{t("files.address.known", { name: add.data.name })}</p>}
        <div className="dialog-actions">
          <button type="button" className="quiet" onClick={onClose}>
            {t("common.cancel")}
          </button>
          <button type="submit" className="primary" disabled={address === null || add.isPending}>
            {t("files.address.action")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** One that was refused on the list of outcomes is a failure like any other. */
function orRefusal(accepted: Accepted): Accepted {
  if (accepted.error === null) return accepted;
  throw new ApiFailure(accepted.error.code, accepted.error.message, 422);
}
