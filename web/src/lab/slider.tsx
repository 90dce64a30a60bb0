import { useId } from "react";

import { useWords } from "../i18n/words";

interface SliderProps {
  name: string;
  hint?: string;
  /** Least, most, step. */
  range: readonly [number, number, number];
  value: number;
  /** The value in words. */
  told: string;
  disabled?: boolean;
  isDefault: boolean;
  /** `null` is the default. */
  onChange: (value: number | null) => void;
}

/** A number on a line, with the way back to its default. */
export function Slider({ name, hint, range: [least, most, step], value, told, disabled = false, isDefault, onChange }: SliderProps) {
  const { t } = useWords();
  const [field, help] = [useId(), useId()];
  return (
    <div className="slider">
      <label htmlFor={field}>{name}</label>
      <span className="slider-value">
        <output htmlFor={field}>{told}</output>
        {!isDefault && (
          <button type="button" className="quiet" aria-label={t("lab.toDefault", { name })} onClick={() => onChange(null)}>
            {t("lab.byDefault")}
          </button>
        )}
      </span>
      <input
        id={field}
        type="range"
        min={least}
        max={most}
        step={step}
        value={value}
        disabled={disabled}
        aria-valuetext={told}
        aria-describedby={hint === undefined ? undefined : help}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      {hint !== undefined && (
        <p id={help} className="fine">
          {hint}
        </p>
      )}
    </div>
  );
}
