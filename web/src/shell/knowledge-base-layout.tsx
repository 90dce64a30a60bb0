import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link, Outlet, useOutletContext, useParams } from "react-router";

import { readKnowledgeBase } from "../api/endpoints";
import type { KnowledgeBase } from "../api/types";
import { DropTargetProvider } from "../files/drop-target-provider";
import { DropZone } from "../files/drop-zone";
import { UploadProvider } from "../files/upload-queue";
import { useWords } from "../i18n/words";
import { FailureNote } from "../parts/failure-note";
import { SourceProvider } from "../source/source-provider";
import { Page } from "./page";

/** Everything about one knowledge base: its sections share uploads, the drop zone and the source reader. */
export function KnowledgeBaseLayout() {
  const { t, language } = useWords();
  const { kb = "" } = useParams();
  const query = useQuery({ queryKey: ["knowledge-base", kb], queryFn: ({ signal }) => readKnowledgeBase(kb, signal) });
  const name = query.data?.name;
  useEffect(() => {
    document.title = name === undefined ? t("product") : `${name} · ${t("product")}`;
  }, [name, t, language]);
  if (query.isPending) {
    return (
      <Page knowledgeBase={null}>
        <p className="column muted">{t("common.loading")}</p>
      </Page>
    );
  }
  if (query.data === undefined) {
    return (
      <Page knowledgeBase={null}>
        <div className="column">
          <FailureNote error={query.error} onRetry={() => void query.refetch()} />
          <p>
            <Link to="/">{t("common.home")}</Link>
          </p>
        </div>
      </Page>
    );
  }
  return (
    <UploadProvider key={kb} kb={query.data.id}>
      <SourceProvider kb={query.data.id}>
        <DropTargetProvider>
          <Page knowledgeBase={query.data}>
            <Outlet context={query.data} />
            <DropZone name={query.data.name} />
          </Page>
        </DropTargetProvider>
      </SourceProvider>
    </UploadProvider>
  );
}

export function useKnowledgeBase(): KnowledgeBase {
  return useOutletContext<KnowledgeBase>();
}
