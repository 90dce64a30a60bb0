import { useEffect, useRef } from "react";

import { useWords } from "../i18n/words";
import { FailureNote } from "../parts/failure-note";
import { PassageList } from "./passage-list";
import { AnswerActions } from "./answer-actions";
import { AnswerText } from "./answer-text";
import { BusyNote } from "./busy-note";
import { isRunning, notCited, type Turn } from "./turn";
import { Understood } from "../search/understood";
import { citationPassage, hitPassage } from "../source/source-context";

interface TurnViewProps {
  turn: Turn;
  onAgain: (turn: Turn) => void;
}

/** A question and its answer, with everything that the answer rests on. */
export function TurnView({ turn, onAgain }: TurnViewProps) {
  const { t } = useWords();
  const { answer, phase } = turn;
  const refused = answer?.refused === true;
  const article = useRef<HTMLElement>(null);
  const fresh = useRef(isRunning(turn));
  useEffect(() => {
    if (fresh.current) article.current?.scrollIntoView({ block: "start" });
  }, []);
  return (
    <article ref={article} className="turn" aria-busy={isRunning(turn)}>
      <h2 className="question">{turn.request.question}</h2>
      {answer !== null && <Understood query={answer.query} />}
      {refused ? (
        <Refusal turn={turn} />
      ) : (
        turn.text !== "" && <AnswerText text={turn.text} sentences={turn.sentences} citations={turn.citations} />
      )}
      {isRunning(turn) && <Status turn={turn} />}
      {phase === "stopped" && <p className="notice">{t(turn.text === "" ? "ask.stoppedEmpty" : "ask.stopped")}</p>}
      {phase === "failed" && turn.failure !== null && <Failed turn={turn} onAgain={onAgain} />}
      {!refused && turn.citations.length > 0 && (
        <section className="sources">
          <h3>{t("ask.sources")}</h3>
          <PassageList passages={turn.citations.map(citationPassage)} />
        </section>
      )}
      {(phase === "done" || phase === "stopped") && !refused && <AlsoRetrieved turn={turn} />}
      {(phase === "done" || phase === "stopped") && <AnswerActions turn={turn} onAgain={onAgain} />}
    </article>
  );
}

function Status({ turn }: { turn: Turn }) {
  const { t, counted } = useWords();
  const words = {
    searching: t("ask.searching"),
    writing: t("ask.writing", counted(turn.hits.length)),
    checking: t("ask.checking"),
  };
  const { phase } = turn;
  return <p className="working">{phase === "searching" || phase === "checking" ? words[phase] : words.writing}</p>;
}

function Failed({ turn, onAgain }: TurnViewProps) {
  const { failure } = turn;
  const again = () => onAgain(turn);
  return failure?.status === 429 ? (
    <BusyNote seconds={failure.retryAfterSeconds ?? 5} onAgain={again} />
  ) : (
    <FailureNote error={failure} onRetry={again} />
  );
}

/** What is nearest, in place of an answer that nothing would carry. */
function Refusal({ turn }: { turn: Turn }) {
  const { t } = useWords();
  const nearest = turn.hits.slice(0, 3).map(hitPassage);
  return (
    <div className="refusal">
      <p className="refusal-title">{t("ask.refused")}</p>
      <p>{t(nearest.length === 0 ? "ask.refusedNothing" : "ask.refusedBody")}</p>
      <PassageList passages={nearest} />
    </div>
  );
}

function AlsoRetrieved({ turn }: { turn: Turn }) {
  const { t, counted } = useWords();
  const rest = notCited(turn);
  if (rest.length === 0) return null;
  return (
    <details className="also">
      <summary>{t("ask.alsoRetrieved", counted(rest.length))}</summary>
      <PassageList passages={rest.map(hitPassage)} />
    </details>
  );
}
