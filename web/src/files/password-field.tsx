import { useWords } from "../i18n/words";

interface PasswordFieldProps {
  name: string;
  /** The id of the sentence that says why a password is asked for. */
  note: string;
  value: string;
  onChange: (password: string) => void;
  busy: boolean;
}

/** A file's password and the button that uses it. Browsers must not offer to keep it: it is no account's. */
export function PasswordField({ name, note, value, onChange, busy }: PasswordFieldProps) {
  const { t } = useWords();
  return (
    <div className="password-line">
      <input
        type="password"
        aria-label={t("files.password.label", { name })}
        aria-describedby={note}
        placeholder={t("files.password.placeholder")}
        autoComplete="new-password"
        maxLength={1024}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <button type="submit" disabled={value === "" || busy}>
        {t("files.password.open")}
      </button>
    </div>
  );
}
