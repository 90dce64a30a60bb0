import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, type ReactNode } from "react";

import { sendFile } from "../api/upload";
import { refreshFiles } from "./refresh";
import { Uploads } from "./upload-context";
import { UploadStore } from "./upload-store";

/** Stores outlive the screens, so that uploads go on while another knowledge base is read. */
const stores = new Map<string, UploadStore>();

function storeOf(kb: string): UploadStore {
  const known = stores.get(kb);
  if (known !== undefined) return known;
  const store = new UploadStore((upload, onProgress, signal) => sendFile(kb, upload, onProgress, signal));
  stores.set(kb, store);
  return store;
}

const REFRESH_DELAY_MS = 500;

export function UploadProvider({ kb, children }: { kb: string; children: ReactNode }) {
  const client = useQueryClient();
  const store = useMemo(() => storeOf(kb), [kb]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    store.whenAccepted(() => {
      // At most every so often, and not only at the end: a folder of thousands takes a while.
      timer ??= setTimeout(() => {
        timer = undefined;
        void refreshFiles(client, kb);
      }, REFRESH_DELAY_MS);
    });
    const warn = (event: BeforeUnloadEvent) => {
      if (store.snapshot().some((item) => item.state === "sending" || item.state === "waiting")) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [store, client, kb]);
  return <Uploads value={store}>{children}</Uploads>;
}
