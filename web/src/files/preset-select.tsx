import { useId } from "react";

import type { Preset } from "../api/types";
import { useWords } from "../i18n/words";

const PRESETS: readonly Preset[] = ["auto", "prose", "manual", "table", "qa", "slides", "code"];

interface PresetSelectProps {
  value: Preset;
  onChange: (preset: Preset) => void;
}

/** How files are cut, and what each way is good for. */
export function PresetSelect({ value, onChange }: PresetSelectProps) {
  const { t, presetName } = useWords();
  const field = useId();
  const hint = useId();
  return (
    <div className="field">
      <label htmlFor={field}>{t("files.preset")}</label>
      <select
        id={field}
        aria-describedby={hint}
        value={value}
        onChange={(event) => onChange(PRESETS.find((preset) => preset === event.target.value) ?? "auto")}
      >
        {PRESETS.map((preset) => (
          <option key={preset} value={preset}>
            {presetName(preset)}
          </option>
        ))}
      </select>
      <p id={hint} className="fine">
        {t(`presetHints.${value}`)}
      </p>
    </div>
  );
}
