import { useSyncExternalStore } from "react";

import { recall, remember } from "./storage";

/** Light, dark, or as the system has it. The colours themselves are in styles/tokens.css. */

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const listeners = new Set<() => void>();
let current: Theme = THEMES.find((theme) => theme === recall("theme")) ?? "system";

export function applyTheme(): void {
  if (current === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = current;
}

export function chooseTheme(theme: Theme): void {
  current = theme;
  remember("theme", theme);
  applyTheme();
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, () => current);
}
