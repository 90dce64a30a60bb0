import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";

import { promoteAnswer, removeGoldQuestion } from "../api/quality";
import { useWords } from "../i18n/words";
import { useAnnounce } from "../parts/announcer";
import { FailureNote } from "../parts/failure-note";
import { useKnowledgeBase } from "../shell/knowledge-base-layout";
import type { Turn } from "./turn";

/** An answer that is right becomes a gold question; for one that is not, the way to why. */
export function Rating({ turn }: { turn: Turn }) {
  const { t } = useWords();
  const kb = useKnowledgeBase();
  const client = useQueryClient();
  const announce = useAnnounce();
  const changed = () => client.invalidateQueries({ queryKey: ["gold-questions", kb.id] });
  const keep = useMutation({
    mutationFn: () => promoteAnswer(kb.id, turn.request.question, turn.citations, turn.answer?.refused === true),
    onSuccess: () => {
      announce(t("ask.keptAsGold"));
      return changed();
    },
  });
  const takeBack = useMutation({
    mutationFn: (id: string) => removeGoldQuestion(kb.id, id),
    onSuccess: () => {
      keep.reset();
      return changed();
    },
  });
  const failure = keep.error ?? takeBack.error;
  const place = `/kb/${encodeURIComponent(kb.id)}/lab?question=${encodeURIComponent(turn.request.question)}`;
  return (
    <>
      {keep.data === undefined ? (
        <>
          <button type="button" className="quiet" title={t("ask.rightHint")} disabled={keep.isPending} onClick={() => keep.mutate()}>
            {t("ask.right")}
          </button>
          <Link className="quiet-link" title={t("ask.wrongHint")} to={place}>
            {t("ask.wrong")}
          </Link>
        </>
      ) : (
        <span className="fine">
          {t("ask.keptAsGold")}{" "}
          <button type="button" className="quiet" disabled={takeBack.isPending} onClick={() => takeBack.mutate(keep.data)}>
            {t("ask.takeBack")}
          </button>
        </span>
      )}
      {failure !== null && <FailureNote error={failure} />}
    </>
  );
}
