import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";

import { createKnowledgeBase, listKnowledgeBases } from "../api/endpoints";
import { IndexSection } from "../embedder/index-section";
import { useWords } from "../i18n/words";
import { FailureNote } from "../parts/failure-note";
import { NameDialog } from "../parts/name-dialog";
import { Page } from "../shell/page";
import { FirstRun } from "./first-run";
import { Shelf } from "./shelf";

/** All knowledge bases; on the first visit, how to begin. */
export function ShelvesPage() {
  const { t, language } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const query = useQuery({ queryKey: ["knowledge-bases"], queryFn: ({ signal }) => listKnowledgeBases(signal) });
  useEffect(() => {
    document.title = t("product");
  }, [t, language]);
  const create = async (name: string) => {
    const created = await createKnowledgeBase(name);
    void client.invalidateQueries({ queryKey: ["knowledge-bases"] });
    // An empty one is good for one thing: to put files in.
    await navigate(`/kb/${encodeURIComponent(created.id)}/files`);
  };
  const shelves = query.data ?? [];
  const untouched = shelves.every((shelf) => shelf.documents === 0);
  return (
    <Page knowledgeBase={null}>
      <div className="column shelves">
        <div className="masthead">
          <h1>{t("product")}</h1>
          <p className="tagline">{t("tagline")}</p>
        </div>
        {query.isPending && <p className="muted">{t("common.loading")}</p>}
        {query.isError && <FailureNote error={query.error} onRetry={() => void query.refetch()} />}
        {query.isSuccess && shelves.length <= 1 && untouched && <FirstRun existing={shelves[0] ?? null} />}
        {shelves.length > 0 && (
          <section aria-labelledby="shelves-title">
            <div className="section-head">
              <h2 id="shelves-title">{t("shelves.title")}</h2>
              <button type="button" onClick={() => setCreating(true)}>
                {t("shelves.create")}
              </button>
            </div>
            <ul className="shelf-list">
              {shelves.map((shelf) => (
                <Shelf key={shelf.id} shelf={shelf} />
              ))}
            </ul>
          </section>
        )}
        {shelves.length > 0 && <IndexSection />}
      </div>
      {creating && (
        <NameDialog
          title={t("shelves.create")}
          action={t("shelves.createAction")}
          initial=""
          save={create}
          onClose={() => setCreating(false)}
        />
      )}
    </Page>
  );
}
