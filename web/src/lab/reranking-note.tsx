import type { Reranking } from "../api/types";
import { useWords } from "../i18n/words";

const WITHOUT_COUNT = ["other_languages", "timed_out", "failed", "resting"] as const;

/** What became of the reranking model's turn; an outcome of a newer server is left out. */
export function RerankingNote({ reranking: { model, outcome, passages } }: { reranking: Reranking }) {
  const { t, counted } = useWords();
  if (outcome === "done") {
    return passages === 0 ? null : <p className="fine">{t("lab.reranking.done", { model, ...counted(passages) })}</p>;
  }
  const known = WITHOUT_COUNT.find((one) => one === outcome);
  return known === undefined ? null : <p className="fine">{t(`lab.reranking.${known}`, { model })}</p>;
}
