import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import type { DocumentRow, DocumentStatus } from "../api/types";
import { useWords } from "../i18n/words";
import { useAnnounce } from "../parts/announcer";

/** Says aloud when a file is read or has failed, and refreshes the counts. */
export function useProgressNews(kb: string, rows: readonly DocumentRow[]): void {
  const { t, reason } = useWords();
  const announce = useAnnounce();
  const client = useQueryClient();
  const seen = useRef(new Map<string, DocumentStatus>());
  useEffect(() => {
    let news = false;
    for (const { id, name, status, error } of rows) {
      const before = seen.current.get(id);
      seen.current.set(id, status);
      if (before === undefined || before === status) continue;
      if (status === "ready") announce(t("files.liveReady", { name }));
      if (status === "failed" && error !== null) announce(t("files.liveFailed", { name, reason: reason(error) }));
      news ||= status === "ready" || status === "failed";
    }
    if (!news) return;
    void client.invalidateQueries({ queryKey: ["knowledge-base", kb] });
    void client.invalidateQueries({ queryKey: ["knowledge-bases"] });
    void client.invalidateQueries({ queryKey: ["facets", kb] });
  }, [rows, announce, t, reason, client, kb]);
}
