import type { Hit, StageRank } from "../api/types";
import { useWords } from "../i18n/words";
import { hitPassage, useSource } from "../source/source-context";
import { languageOf } from "../text/language";
import { cuts } from "./marked-text";
import { useStageName } from "./stage-name";

/** What was found, each with its way through the stages. */
export function LabHits({ hits }: { hits: readonly Hit[] }) {
  const source = useSource();
  const passages = hits.map(hitPassage);
  const best = bestScores(hits);
  return (
    <ol className="passages lab-hits">
      {hits.map((hit, index) => (
        <li key={hit.chunk_id}>
          <LabHit hit={hit} rank={index + 1} best={best} onOpen={() => source.open(passages, index)} />
        </li>
      ))}
    </ol>
  );
}

/** The best score of every stage, against which the bars are drawn. */
function bestScores(hits: readonly Hit[]): ReadonlyMap<string, number> {
  const best = new Map<string, number>();
  for (const { stage, score } of hits.flatMap((hit) => hit.explain?.stages ?? [])) {
    best.set(stage, Math.max(score ?? 0, best.get(stage) ?? 0));
  }
  return best;
}

interface LabHitProps {
  hit: Hit;
  rank: number;
  best: ReadonlyMap<string, number>;
  onOpen: () => void;
}

function LabHit({ hit, rank, best, onOpen }: LabHitProps) {
  const { t, count } = useWords();
  const place = [hit.page === null ? null : t("ask.page", { page: count(hit.page) }), hit.heading];
  return (
    <article className="passage" aria-label={t("lab.hit", { rank: count(rank), name: hit.document_name })}>
      <button type="button" className="passage-open" onClick={onOpen}>
        <span className="cite-number">{count(rank)}</span>
        <span className="passage-name">{hit.document_name}</span>
        <span className="fine">{place.filter((part) => part !== null).join(" · ")}</span>
      </button>
      <p className="voice clipped" lang={languageOf(hit.text)}>
        {cuts(hit.text, hit.start, hit.explain?.matched_ranges ?? []).map(({ text, marked }, index) =>
          marked ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
        )}
      </p>
      {hit.explain !== undefined && (
        <>
          <ul className="bars">
            {hit.explain.stages.map((stage) => (
              <Bar key={stage.stage} stage={stage} best={best.get(stage.stage) ?? 0} />
            ))}
          </ul>
          <Words hit={hit} />
        </>
      )}
    </article>
  );
}

function Bar({ stage: { stage, rank, score }, best }: { stage: StageRank; best: number }) {
  const { t, count, language } = useWords();
  const stageName = useStageName();
  if (score === null) return null;
  const digits = new Intl.NumberFormat(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  const share = best > 0 ? Math.min(1, Math.max(0, score / best)) : 0;
  const place = rank === null ? t("lab.noRank") : t("lab.rank", { rank: count(rank) });
  return (
    <li className="bar" data-stage={stage}>
      <span className="bar-name">{stageName(stage)}</span>
      <span className="bar-line" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span className="bar-score">{digits.format(score)}</span>
      <span className="bar-rank fine">{place}</span>
    </li>
  );
}

const FEW = 8;

function Words({ hit }: { hit: Hit }) {
  const { t, language } = useWords();
  const percent = new Intl.NumberFormat(language, { style: "percent" });
  const words = hit.explain?.matched_terms ?? [];
  return (
    <p className="fine matched">
      {words.length === 0
        ? t("lab.matchedNone")
        : `${t("lab.matched")}${language === "zh" ? "：" : ": "}${words
            .slice(0, FEW)
            .map(({ text, share }) => t("lab.share", { text, share: percent.format(share) }))
            .join(" · ")}`}
    </p>
  );
}
