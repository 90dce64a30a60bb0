import type { Scores } from "../api/types";
import { useWords } from "../i18n/words";

const LEGS = ["dense", "lexical", "fused", "rerank", "cross_encoder"] as const;

/** What a passage scored in each step; steps that did not run are left out. */
export function ScoreList({ score, scores }: { score: number; scores: Scores }) {
  const { t, language } = useWords();
  const digits = new Intl.NumberFormat(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  return (
    <dl className="scores">
      <div>
        <dt>{t("search.score")}</dt>
        <dd>{digits.format(score)}</dd>
      </div>
      {LEGS.map((leg) => {
        const value = scores[leg];
        return typeof value === "number" ? (
          <div key={leg}>
            <dt>{t(`search.scores.${leg}`)}</dt>
            <dd>{digits.format(value)}</dd>
          </div>
        ) : null;
      })}
    </dl>
  );
}
