import { useRef, type ReactNode } from "react";

import { DropTarget, type Taker } from "./drop-target";

export function DropTargetProvider({ children }: { children: ReactNode }) {
  const taker = useRef<Taker | null>(null);
  return <DropTarget value={taker}>{children}</DropTarget>;
}
