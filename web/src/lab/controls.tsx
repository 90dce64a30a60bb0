import type { UseMutationResult } from "@tanstack/react-query";

import type { RetrievalSettings, Tuning } from "../api/types";
import { useWords } from "../i18n/words";
import { Choice } from "../parts/choice";
import { FailureNote } from "../parts/failure-note";
import { DEFAULTS, isDefault, MODES, MOST_PER_DOCUMENT, USUAL_TOP_K, USUAL_WEIGHT } from "./settings";
import { Slider } from "./slider";

interface ControlsProps {
  settings: RetrievalSettings;
  /** What the last search went by, to show what a default comes to. */
  tuning: Tuning | null;
  isInUse: boolean;
  keeping: UseMutationResult<void, Error, RetrievalSettings>;
  onChange: (settings: RetrievalSettings) => void;
}

/** The settings being tried, and the way to keep them. */
export function Controls({ settings, tuning, isInUse, keeping, onChange }: ControlsProps) {
  const { t } = useWords();
  const change = (part: Partial<RetrievalSettings>) => {
    keeping.reset();
    onChange({ ...settings, ...part });
  };
  return (
    <div className="lab-controls">
      <Choice
        legend={t("search.mode")}
        options={MODES.map((value) => ({ value, label: t(`search.modes.${value}`) }))}
        value={settings.mode ?? "hybrid"}
        onChange={(mode) => change({ mode: mode === "hybrid" ? null : mode })}
      />
      <Sliders settings={settings} tuning={tuning} onChange={change} />
      <div className="row-actions">
        <button type="button" disabled={isInUse || keeping.isPending} onClick={() => keeping.mutate(settings)}>
          {t("lab.apply")}
        </button>
        <button type="button" className="quiet" disabled={isDefault(settings)} onClick={() => change(DEFAULTS)}>
          {t("lab.back")}
        </button>
      </div>
      {keeping.isError ? (
        <FailureNote error={keeping.error} />
      ) : (
        <p className="fine" role="status">
          {t(!isInUse ? "lab.differs" : keeping.isSuccess ? "lab.applied" : "lab.inUse")}
        </p>
      )}
    </div>
  );
}

interface SlidersProps {
  settings: RetrievalSettings;
  tuning: Tuning | null;
  onChange: (part: Partial<RetrievalSettings>) => void;
}

function Sliders({ settings, tuning, onChange }: SlidersProps) {
  const { t, counted, language } = useWords();
  const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const { meaning_weight: weight, per_document: most, top_k: shown } = settings;
  // A default is shown where the last search had it; a number that was chosen says nothing of it.
  const usualWeight = tuning?.meaning_weight ?? USUAL_WEIGHT;
  const usualShown = shown === null ? (tuning?.top_k ?? USUAL_TOP_K) : USUAL_TOP_K;
  return (
    <>
      <Slider
        name={t("lab.weight")}
        hint={t("lab.weightHint")}
        range={[0, 4, 0.1]}
        value={weight ?? usualWeight}
        told={
          weight !== null
            ? decimal.format(weight)
            : tuning === null
              ? t("lab.byDefault")
              : t("lab.weightDefault", { value: decimal.format(usualWeight) })
        }
        disabled={(settings.mode ?? "hybrid") !== "hybrid"}
        isDefault={weight === null}
        onChange={(value) => onChange({ meaning_weight: value })}
      />
      <Slider
        name={t("lab.perDocument")}
        range={[1, MOST_PER_DOCUMENT + 1, 1]}
        value={Math.min(most ?? MOST_PER_DOCUMENT + 1, MOST_PER_DOCUMENT + 1)}
        told={most === null ? t("lab.noLimit") : t("lab.passages", counted(most))}
        isDefault={most === null}
        onChange={(value) => onChange({ per_document: value !== null && value <= MOST_PER_DOCUMENT ? value : null })}
      />
      <Slider
        name={t("lab.topK")}
        range={[1, 50, 1]}
        value={shown ?? usualShown}
        told={shown === null ? t("lab.topKDefault", counted(usualShown)) : t("lab.passages", counted(shown))}
        isDefault={shown === null}
        onChange={(value) => onChange({ top_k: value })}
      />
    </>
  );
}
