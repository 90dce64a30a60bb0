import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";

import { createKnowledgeBase } from "../api/endpoints";
import type { KnowledgeBase } from "../api/types";
import { useWords } from "../i18n/words";
import { FailureNote } from "../parts/failure-note";

/** How to begin, shown until the first file is in. */
export function FirstRun({ existing }: { existing: KnowledgeBase | null }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const name = t("shelves.firstName");
  const begin = useMutation({
    mutationFn: () => createKnowledgeBase(name),
    onSuccess: (created) => navigate(`/kb/${encodeURIComponent(created.id)}/files`),
  });
  const steps = ["put", "read", "ask"] as const;
  return (
    <section className="first-run" aria-labelledby="first-title">
      <h2 id="first-title">{t("shelves.firstTitle")}</h2>
      <p>{t("shelves.firstBody")}</p>
      <ol className="steps">
        {steps.map((step) => (
          <li key={step}>
            <strong>{t(`shelves.steps.${step}`)}</strong>
            <span>{t(`shelves.steps.${step}Body`)}</span>
          </li>
        ))}
      </ol>
      {begin.isError && <FailureNote error={begin.error} />}
      {existing === null ? (
        <button type="button" className="primary" disabled={begin.isPending} onClick={() => begin.mutate()}>
          {t("shelves.begin", { name })}
        </button>
      ) : (
        <Link className="button primary" to={`/kb/${encodeURIComponent(existing.id)}/files`}>
          {t("shelves.open", { name: existing.name })}
        </Link>
      )}
    </section>
  );
}
