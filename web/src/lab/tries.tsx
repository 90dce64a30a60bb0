import { useState } from "react";

import { useWords } from "../i18n/words";
import type { Try } from "./history";

interface TriesProps {
  tries: readonly Try[];
  onChoose: (one: Try) => void;
  onForget: () => void;
}

/** What was tried in this visit; each leads back to its question and settings. */
export function Tries({ tries, onChoose, onForget }: TriesProps) {
  const { t } = useWords();
  const told = useTold();
  // Where there is no room beside what was found, the list would push it down.
  const [opened] = useState(() => window.matchMedia("(min-width: 60rem)").matches);
  if (tries.length === 0) return null;
  return (
    <details className="tries" open={opened}>
      <summary>{t("lab.history")}</summary>
      <ol>
        {tries.map((one, index) => (
          <li key={index}>
            <button type="button" className="try" onClick={() => onChoose(one)}>
              <span className="try-query">{one.query}</span>
              <span className="fine">{told(one)}</span>
            </button>
          </li>
        ))}
      </ol>
      <button type="button" className="quiet" onClick={onForget}>
        {t("lab.historyForget")}
      </button>
    </details>
  );
}

/** Settings and outcome on one line; defaults are left out. */
function useTold() {
  const { t, counted, language } = useWords();
  const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  return ({ settings: { mode, meaning_weight, per_document, top_k }, first }: Try): string => {
    const parts = [
      mode === null ? null : t(`search.modes.${mode}`),
      meaning_weight === null ? null : `${t("lab.weight")} ${decimal.format(meaning_weight)}`,
      per_document === null ? null : `${t("lab.perDocument")} ${decimal.format(per_document)}`,
      top_k === null ? null : t("lab.passages", counted(top_k)),
      first === null ? t("lab.historyNothing") : t("lab.historyFirst", { name: first }),
    ];
    return parts.filter((part) => part !== null).join(" · ");
  };
}
