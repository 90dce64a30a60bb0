import { createContext, use, useSyncExternalStore } from "react";

import { UploadStore, type UploadItem, type UploadOptions } from "./upload-store";

export const Uploads = createContext<UploadStore>(new UploadStore(() => Promise.reject(new Error("no knowledge base"))));

export function useUploadStore(): UploadStore {
  return use(Uploads);
}

export function useUploads(): readonly UploadItem[] {
  const store = use(Uploads);
  return useSyncExternalStore(store.subscribe, store.snapshot);
}

export function useUploadOptions(): UploadOptions {
  const store = use(Uploads);
  return useSyncExternalStore(store.subscribe, store.options);
}
