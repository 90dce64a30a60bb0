import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type SyntheticEvent } from "react";

import { addGoldQuestion, listGoldQuestions, removeGoldQuestion } from "../api/quality";
import { useWords } from "../i18n/words";
import { FailureNote } from "../parts/failure-note";

/** The questions that the knowledge base is measured by, with a form for one more. */
export function GoldList({ kb }: { kb: string }) {
  const { t, counted } = useWords();
  const client = useQueryClient();
  const queryKey = ["gold-questions", kb];
  const list = useQuery({ queryKey, queryFn: ({ signal }) => listGoldQuestions(kb, signal) });
  const changed = () => client.invalidateQueries({ queryKey });
  const remove = useMutation({ mutationFn: (id: string) => removeGoldQuestion(kb, id), onSuccess: changed });
  return (
    <section>
      <h2>{t("quality.gold")}</h2>
      <p className="muted">{t("quality.goldHint")}</p>
      <AddForm kb={kb} onAdded={changed} />
      {list.isError && <FailureNote error={list.error} onRetry={() => void list.refetch()} />}
      {remove.isError && <FailureNote error={remove.error} />}
      {list.isSuccess && (
        <>
          <p className="fine">{t("quality.goldCount", counted(list.data.total))}</p>
          <ul className="gold-list">
            {list.data.questions.map((one) => (
              <li key={one.id}>
                <span>{one.question}</span>
                <span className="muted">{one.answerable ? one.documents.join(" · ") : t("quality.noAnswer")}</span>
                <button
                  type="button"
                  className="quiet"
                  aria-label={t("quality.removeGold", { question: one.question })}
                  disabled={remove.isPending}
                  onClick={() => remove.mutate(one.id)}
                >
                  {t("common.remove")}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function AddForm({ kb, onAdded }: { kb: string; onAdded: () => Promise<void> }) {
  const { t } = useWords();
  const fields = { question: useId(), document: useId() };
  const [question, setQuestion] = useState("");
  const [document, setDocument] = useState("");
  const add = useMutation({
    mutationFn: () => addGoldQuestion(kb, question.trim(), document.trim()),
    onSuccess: () => {
      setQuestion("");
      return onAdded();
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (question.trim() !== "") add.mutate();
  };
  return (
    <form className="gold-form" onSubmit={submit}>
      <label htmlFor={fields.question}>{t("quality.question")}</label>
      <input id={fields.question} value={question} onChange={(event) => setQuestion(event.target.value)} />
      <label htmlFor={fields.document}>{t("quality.document")}</label>
      <input
        id={fields.document}
        value={document}
        placeholder={t("quality.documentHint")}
        onChange={(event) => setDocument(event.target.value)}
      />
      <button type="submit" className="primary" disabled={question.trim() === "" || add.isPending}>
        {t("quality.add")}
      </button>
      {add.isError && <FailureNote error={add.error} />}
    </form>
  );
}
