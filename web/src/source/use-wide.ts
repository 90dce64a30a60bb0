import { useSyncExternalStore } from "react";

/** Whether the source fits beside the text; the same width as in styles/source.css. */
const query = "(min-width: 1100px)";

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia(query);
  media.addEventListener("change", listener);
  return () => media.removeEventListener("change", listener);
}

export function useWide(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
}
