import { useState } from "react";

import { recall, remember } from "../settings/storage";

export const VIEWS = ["text", "page"] as const;
export type View = (typeof VIEWS)[number];

/** Whether a source is shown as text or as its page; the choice is remembered. */
export function useView(): [View, (view: View) => void] {
  const [view, setView] = useState<View>(() => VIEWS.find((known) => known === recall("source.view")) ?? "text");
  const choose = (chosen: View) => {
    remember("source.view", chosen);
    setView(chosen);
  };
  return [view, choose];
}
