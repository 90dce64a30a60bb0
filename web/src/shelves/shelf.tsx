import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { deleteKnowledgeBase, renameKnowledgeBase } from "../api/endpoints";
import type { KnowledgeBase } from "../api/types";
import { useWords } from "../i18n/words";
import { ConfirmDialog } from "../parts/confirm-dialog";
import { NameDialog } from "../parts/name-dialog";

/** One knowledge base in the list, with its counts. */
export function Shelf({ shelf }: { shelf: KnowledgeBase }) {
  const { t, count, counted } = useWords();
  const client = useQueryClient();
  const [asking, setAsking] = useState<"rename" | "delete" | null>(null);
  const changed = (work: Promise<void>) => work.then(() => client.invalidateQueries({ queryKey: ["knowledge-bases"] }));
  const close = () => setAsking(null);
  const address = `/kb/${encodeURIComponent(shelf.id)}`;
  return (
    <li className="shelf">
      <Link to={shelf.documents === 0 ? `${address}/files` : address} className="shelf-link">
        {shelf.name}
      </Link>
      {shelf.description !== "" && <p className="muted">{shelf.description}</p>}
      <p className="counts">
        {shelf.documents === 0
          ? t("shelves.empty")
          : `${t("shelves.documents", counted(shelf.documents))} · ${t("shelves.chunks", counted(shelf.chunks))}`}
      </p>
      <div className="row-actions">
        <button type="button" className="quiet" onClick={() => setAsking("rename")}>
          {t("shelves.rename")}
        </button>
        <button type="button" className="quiet" onClick={() => setAsking("delete")}>
          {t("shelves.delete")}
        </button>
      </div>
      {asking === "rename" && (
        <NameDialog
          title={t("shelves.renameTitle", { name: shelf.name })}
          action={t("common.save")}
          initial={shelf.name}
          save={(name) => changed(renameKnowledgeBase(shelf.id, name))}
          onClose={close}
        />
      )}
      {asking === "delete" && (
        <ConfirmDialog
          title={t("shelves.deleteTitle", { name: shelf.name })}
          body={t("shelves.deleteWarning", { documents: count(shelf.documents) })}
          typed={{ label: t("shelves.deletePrompt", { name: shelf.name }), text: shelf.name }}
          action={t("shelves.deleteAction")}
          run={() => changed(deleteKnowledgeBase(shelf.id))}
          onClose={close}
        />
      )}
    </li>
  );
}
