import { useState } from "react";

import type { DocumentStatus } from "../api/types";
import { useWords } from "../i18n/words";
import { Choice } from "../parts/choice";
import { FailureNote } from "../parts/failure-note";
import { useKnowledgeBase } from "../shell/knowledge-base-layout";
import { AddFiles } from "./add-files";
import { FileList } from "./file-list";
import { useUploads } from "./upload-context";
import { useDocuments } from "./use-documents";
import { useProgressNews } from "./use-progress-news";

const FILTERS = ["all", "ready", "running", "queued", "failed", "cancelled"] as const;
type Filter = (typeof FILTERS)[number];

/** The files of a knowledge base and how far each has been read. */
export function FilesPage() {
  const { t, counted } = useWords();
  const kb = useKnowledgeBase();
  const [filter, setFilter] = useState<Filter>("all");
  const status: DocumentStatus | null = filter === "all" ? null : filter;
  const documents = useDocuments(kb.id, status);
  const uploads = useUploads();
  useProgressNews(kb.id, documents.rows);
  const sending = uploads.filter((item) => item.state === "sending" || item.state === "waiting").length;
  const nothing = documents.isSuccess && documents.rows.length === 0 && uploads.length === 0;
  return (
    <div className="column files">
      <h1>{t("files.title")}</h1>
      {nothing && filter === "all" && (
        <div className="empty">
          <p className="lead">{t("files.emptyTitle")}</p>
          <p>{t("files.emptyBody")}</p>
        </div>
      )}
      <AddFiles />
      {!(nothing && filter === "all") && (
        <Choice
          legend={t("files.filter")}
          options={FILTERS.map((value) => ({ value, label: t(`files.filters.${value}`) }))}
          value={filter}
          onChange={setFilter}
        />
      )}
      {sending > 1 && <p className="fine tally">{t("files.uploadSummary", counted(sending))}</p>}
      {documents.isPending && <p className="muted">{t("common.loading")}</p>}
      {documents.isError && <FailureNote error={documents.error} onRetry={() => void documents.refetch()} />}
      {nothing && filter !== "all" && <p className="muted">{t("files.emptyFilter")}</p>}
      <FileList kb={kb.id} uploads={uploads} rows={documents.rows} label={t("files.title")} />
      {documents.hasNextPage && (
        <div className="more">
          <p className="fine">{t("files.showing", counted(documents.rows.length))}</p>
          <button type="button" disabled={documents.isFetchingNextPage} onClick={() => void documents.fetchNextPage()}>
            {t("files.more")}
          </button>
        </div>
      )}
    </div>
  );
}
