import { useMemo, useState, type ReactNode } from "react";

import { SourceState, type OpenedSource } from "./source-context";

export function SourceProvider({ kb, children }: { kb: string; children: ReactNode }) {
  const [opened, setOpened] = useState<OpenedSource | null>(null);
  const control = useMemo(
    () => ({
      kb,
      opened,
      open: (passages: OpenedSource["passages"], index: number) => setOpened({ passages, index }),
      close: () => setOpened(null),
    }),
    [kb, opened],
  );
  return <SourceState value={control}>{children}</SourceState>;
}
