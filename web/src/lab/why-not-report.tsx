import type { Remedy, RetrievalSettings, StageStanding, WhyNotReport as Report } from "../api/types";
import { useWords } from "../i18n/words";
import { zhLab } from "../i18n/zh-lab";
import { languageOf } from "../text/language";
import { withRemedy } from "./settings";
import { useStageName } from "./stage-name";

type Verdict = keyof typeof zhLab.why.verdicts;

const isVerdict = (verdict: string): verdict is Verdict => Object.hasOwn(zhLab.why.verdicts, verdict);

/** A verdict in words; one of a newer server stays as it is named. */
export function useVerdict(): (verdict: string) => string {
  const { t } = useWords();
  return (verdict) => (isVerdict(verdict) ? t(`lab.why.verdicts.${verdict}`) : verdict);
}

interface WhyNotReportProps {
  report: Report;
  settings: RetrievalSettings;
  onTry: (settings: RetrievalSettings) => void;
}

/** Where it was lost, why, and what brings it. */
export function WhyNotReport({ report, settings, onTry }: WhyNotReportProps) {
  const { t } = useWords();
  const verdict = useVerdict();
  const { expected, stages, reasons, remedies } = report;
  const isLost = report.verdict !== "found";
  return (
    <div className="why-report" data-verdict={report.verdict} role="region" aria-label={t("lab.why.report")}>
      <h3 className="why-verdict">{verdict(report.verdict)}</h3>
      {reasons.map((reason, index) => (
        <p key={index}>{reason}</p>
      ))}
      {expected?.text != null && (
        <>
          <h3>{t("lab.why.expected")}</h3>
          <p className="fine">{[expected.document_name, expected.heading].filter((part) => part !== null).join(" · ")}</p>
          <p className="voice clipped" lang={languageOf(expected.text)}>
            {expected.text}
          </p>
        </>
      )}
      {stages.length > 0 && <Stages stages={stages} />}
      {remedies.length > 0 && <Remedies remedies={remedies} onTry={(change) => onTry(withRemedy(settings, change))} />}
      {isLost && remedies.length === 0 && stages.length > 0 && report.verdict !== "duplicate" && (
        <p className="notice">{t("lab.why.noRemedy")}</p>
      )}
    </div>
  );
}

function Stages({ stages }: { stages: readonly StageStanding[] }) {
  const { t, count, language } = useWords();
  const stageName = useStageName();
  const digits = new Intl.NumberFormat(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  return (
    <table className="standing-table">
      <caption>{t("lab.why.standing")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("lab.stage")}</th>
          <th scope="col">{t("lab.why.rank")}</th>
          <th scope="col">{t("lab.why.score")}</th>
          <th scope="col">{t("lab.why.cutoff")}</th>
        </tr>
      </thead>
      <tbody>
        {stages.map(({ stage, rank, score, cutoff_rank, cutoff_score }) => (
          <tr key={stage}>
            <th scope="row">{stageName(stage)}</th>
            <td>{rank === null ? t("lab.noRank") : count(rank)}</td>
            <td>{score === null ? "–" : digits.format(score)}</td>
            <td>
              {cutoff_rank === null || cutoff_score === null
                ? t("lab.why.all")
                : t("lab.why.cutoffAt", { rank: count(cutoff_rank), score: digits.format(cutoff_score) })}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Remedies({ remedies, onTry }: { remedies: readonly Remedy[]; onTry: (change: Partial<RetrievalSettings>) => void }) {
  const { t } = useWords();
  return (
    <>
      <h3>{t("lab.why.remedies")}</h3>
      <ul className="remedies">
        {remedies.map((remedy) => {
          const { settings } = remedy;
          return (
            <li key={`${remedy.code} ${remedy.message}`}>
              <span>{remedy.message}</span>
              {settings !== null && (
                <button type="button" className="quiet" onClick={() => onTry(settings)}>
                  {t("lab.why.tryIt")}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
