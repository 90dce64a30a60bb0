import { useCallback, useState } from "react";

import { useWords } from "../i18n/words";
import { FailureNote } from "../parts/failure-note";
import { useKnowledgeBase } from "../shell/knowledge-base-layout";
import { AddFiles } from "./add-files";
import { FileFilters } from "./file-filters";
import { FileList } from "./file-list";
import { Summary } from "./summary";
import { useUploads } from "./upload-context";
import { useDocuments, type DocumentFilter } from "./use-documents";
import { useProgressNews } from "./use-progress-news";

const EVERYTHING: DocumentFilter = { status: null, kind: null, tag: null, q: "" };

/** The files of a knowledge base and how far each has been read; what failed stands first. */
export function FilesPage() {
  const { t, counted } = useWords();
  const kb = useKnowledgeBase();
  const [filter, setFilter] = useState(EVERYTHING);
  const narrow = useCallback((change: Partial<DocumentFilter>) => setFilter((now) => ({ ...now, ...change })), []);
  const onTag = useCallback((tag: string) => narrow({ tag }), [narrow]);
  const documents = useDocuments(kb.id, filter);
  const uploads = useUploads();
  useProgressNews(kb.id, documents.rows);
  const sending = uploads.filter((item) => item.state === "sending" || item.state === "waiting").length;
  const nothing = documents.isSuccess && !documents.isPlaceholderData && documents.rows.length === 0 && uploads.length === 0;
  const everything = filter.status === null && filter.kind === null && filter.tag === null && filter.q === "";
  const empty = nothing && everything;
  return (
    <div className="column files">
      <h1>{t("files.title")}</h1>
      {empty ? (
        <div className="empty">
          <p className="lead">{t("files.emptyTitle")}</p>
          <p>{t("files.emptyBody")}</p>
        </div>
      ) : (
        <Summary kb={kb.id} />
      )}
      <AddFiles kb={kb.id} />
      {!empty && <FileFilters kb={kb.id} filter={filter} onChange={narrow} />}
      {sending > 1 && <p className="fine tally">{t("files.uploadSummary", counted(sending))}</p>}
      {documents.isPending && <p className="muted">{t("common.loading")}</p>}
      {documents.isError && <FailureNote error={documents.error} onRetry={() => void documents.refetch()} />}
      {nothing && !everything && <p className="muted tally">{t("files.emptyFilter")}</p>}
      <FileList kb={kb.id} uploads={uploads} rows={documents.rows} label={t("files.title")} onTag={onTag} />
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
