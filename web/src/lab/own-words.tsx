import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState, type SyntheticEvent } from "react";

import { keepOwnWords, readOwnWords } from "../api/dictionary";
import { useWords } from "../i18n/words";
import { FailureNote } from "../parts/failure-note";

const LOOK_AGAIN_MS = 1000;

const wordsIn = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** Names and terms that the knowledge base's documents are searched by as they stand: one a line. */
export function OwnWords({ kb }: { kb: string }) {
  const { t, counted } = useWords();
  const [field, hint] = [useId(), useId()];
  const { kept, keeping } = useOwnWords(kb);
  const [typed, setTyped] = useState<string | null>(null);
  if (kept.isError) return <FailureNote error={kept.error} onRetry={() => void kept.refetch()} />;
  if (kept.data === undefined) return null;
  const inUse = kept.data.words.join("\n");
  const text = typed ?? inUse;
  const isSame = wordsIn(text).join("\n") === inUse;
  const waiting = kept.data.documents_waiting;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    keeping.mutate(wordsIn(text), { onSuccess: () => setTyped(null) });
  };
  const state = waiting > 0 ? t("lab.words.waiting", counted(waiting)) : t("lab.words.count", counted(kept.data.words.length));
  return (
    <details className="own-words">
      <summary>{t("lab.words.title")}</summary>
      <form onSubmit={submit}>
        <label className="visually-hidden" htmlFor={field}>
          {t("lab.words.label")}
        </label>
        <textarea
          id={field}
          aria-describedby={hint}
          rows={6}
          spellCheck={false}
          value={text}
          onChange={(event) => {
            keeping.reset();
            setTyped(event.target.value);
          }}
        />
        <p id={hint} className="fine">
          {t("lab.words.hint")}
        </p>
        <div className="row-actions">
          <button type="submit" disabled={isSame || keeping.isPending}>
            {t("lab.words.save")}
          </button>
          <button type="button" className="quiet" disabled={typed === null || keeping.isPending} onClick={() => setTyped(null)}>
            {t("lab.words.undo")}
          </button>
        </div>
        {keeping.isError ? (
          <FailureNote error={keeping.error} />
        ) : (
          <p className="fine" role="status">
            {isSame ? state : t("lab.words.differs")}
          </p>
        )}
      </form>
    </details>
  );
}

/** The words that are kept, looked at again while documents learn them; searches are then made anew. */
function useOwnWords(kb: string) {
  const client = useQueryClient();
  const key = ["own-words", kb];
  const kept = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => readOwnWords(kb, signal),
    refetchInterval: ({ state }) => ((state.data?.documents_waiting ?? 0) > 0 ? LOOK_AGAIN_MS : false),
  });
  const keeping = useMutation({
    mutationFn: (words: readonly string[]) => keepOwnWords(kb, words),
    onSuccess: (told) => client.setQueryData(key, told),
  });
  const learned = kept.data !== undefined && kept.data.documents_waiting === 0 ? kept.data.words.join("\n") : null;
  const before = useRef(learned);
  useEffect(() => {
    if (learned === null || before.current === learned) return;
    if (before.current !== null) void client.invalidateQueries({ queryKey: ["lab", kb] });
    before.current = learned;
  }, [learned, client, kb]);
  return { kept, keeping };
}
