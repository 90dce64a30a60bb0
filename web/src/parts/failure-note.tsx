import { ApiFailure } from "../api/failure";
import { useWords } from "../i18n/words";

interface FailureNoteProps {
  error: unknown;
  onRetry?: (() => void) | undefined;
}

/** What happened, what to do next, and the request to quote when asking for help. */
export function FailureNote({ error, onRetry }: FailureNoteProps) {
  const { t, failure } = useWords();
  const known = error instanceof ApiFailure ? error : null;
  return (
    <div className="failure" role="alert">
      <p>{failure(error)}</p>
      {known?.hint != null && <p className="hint">{known.hint}</p>}
      {known?.requestId != null && <p className="fine">{t("common.requestId", { id: known.requestId })}</p>}
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          {t("common.retry")}
        </button>
      )}
    </div>
  );
}
