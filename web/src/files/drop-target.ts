import { createContext, use, useEffect, type RefObject } from "react";

import type { Upload } from "../api/upload";

/** Who takes dropped files in place of the knowledge base, while a page is open that wants to. */

export interface Taker {
  take: (uploads: readonly Upload[]) => void;
}

export const DropTarget = createContext<RefObject<Taker | null>>({ current: null });

export function useDropTarget(): RefObject<Taker | null> {
  return use(DropTarget);
}

/** Takes what is dropped for as long as the component is shown. */
export function useTakeDrops(take: Taker["take"]): void {
  const targetRef = use(DropTarget);
  useEffect(() => {
    const taker = { take };
    targetRef.current = taker;
    return () => {
      if (targetRef.current === taker) targetRef.current = null;
    };
  }, [targetRef, take]);
}
