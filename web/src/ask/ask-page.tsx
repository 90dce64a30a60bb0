import { useEffect } from "react";
import { Link } from "react-router";

import type { KnowledgeBase } from "../api/types";
import { useUnread } from "../files/use-unread";
import { useWords } from "../i18n/words";
import { useAnnounce } from "../parts/announcer";
import { useKnowledgeBase } from "../shell/knowledge-base-layout";
import { useSource } from "../source/source-context";
import { QuestionBox } from "./question-box";
import { isRunning, type Turn } from "./turn";
import { TurnView } from "./turn-view";
import { useConversation } from "./use-conversation";

/** Questions and answers of this visit, newest last, and the box to ask the next one. */
export function AskPage() {
  const { t } = useWords();
  const kb = useKnowledgeBase();
  const { conversation, turns } = useConversation(kb.id);
  const { close } = useSource();
  const last = turns.at(-1);
  useSpokenPhase(last);
  return (
    <div className={turns.length === 0 ? "ask fresh" : "ask"}>
      <h1 className={turns.length === 0 ? undefined : "visually-hidden"}>{t("ask.title", { name: kb.name })}</h1>
      {turns.length === 0 ? (
        <Invitation kb={kb} />
      ) : (
        <div className="turns">
          {turns.map((turn) => (
            <TurnView key={turn.id} turn={turn} onAgain={(again) => conversation.again(again)} />
          ))}
          <button type="button" className="quiet clear" onClick={() => conversation.clear()}>
            {t("ask.clear")}
          </button>
        </div>
      )}
      <div className="asker">
        <StillReading kb={kb.id} />
        <QuestionBox
          running={last !== undefined && isRunning(last)}
          onAsk={(request) => {
            // What is open beside the page belongs to an earlier answer.
            close();
            void conversation.start(request);
          }}
          onStop={() => conversation.stop()}
        />
      </div>
    </div>
  );
}

function Invitation({ kb }: { kb: KnowledgeBase }) {
  const { t, count } = useWords();
  return kb.documents > 0 ? (
    <p className="muted">{t("ask.hint", { documents: count(kb.documents) })}</p>
  ) : (
    <p className="muted">
      {t("ask.noFiles")} <Link to={`/kb/${encodeURIComponent(kb.id)}/files`}>{t("ask.noFilesAction")}</Link>
    </p>
  );
}

/** Files that an answer cannot know of yet. */
function StillReading({ kb }: { kb: string }) {
  const { t, counted } = useWords();
  const unread = useUnread(kb);
  return unread === 0 ? null : <p className="fine still">{t("ask.stillReading", counted(unread))}</p>;
}

/** Screen readers hear the steps and the finished answer, not every token. */
function useSpokenPhase(turn: Turn | undefined): void {
  const { t, counted } = useWords();
  const announce = useAnnounce();
  const phase = turn?.phase;
  const refused = turn?.answer?.refused === true;
  const hits = turn?.hits.length ?? 0;
  useEffect(() => {
    if (phase === "searching") announce(t("ask.searching"));
    if (phase === "writing") announce(t("ask.writing", counted(hits)));
    if (phase === "checking") announce(t("ask.checking"));
    if (phase === "done") announce(t(refused ? "ask.refused" : "ask.done"));
    if (phase === "stopped") announce(t("ask.stoppedEmpty"));
  }, [phase, refused, hits, announce, t, counted]);
}
