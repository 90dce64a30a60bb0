import { useState } from "react";

import type { Support } from "../api/types";
import { useWords } from "../i18n/words";
import { useAnnounce } from "../parts/announcer";
import { answerWithSources } from "./answer-with-sources";
import { copyText } from "./copy-text";
import { Rating } from "./rating";
import type { Turn } from "./turn";

const SUPPORTS: readonly Support[] = ["supported", "weak", "unsupported"];

/** What can be done with a finished answer, and the small print: support, timings, model. */
export function AnswerActions({ turn, onAgain }: { turn: Turn; onAgain: (turn: Turn) => void }) {
  const { t } = useWords();
  const announce = useAnnounce();
  const [copied, setCopied] = useState<"copied" | "copyFailed" | null>(null);
  const copy = async () => {
    const page = (number: number) => t("ask.page", { page: number });
    const outcome = (await copyText(answerWithSources(turn, t("ask.sources"), page))) ? "copied" : "copyFailed";
    setCopied(outcome);
    announce(t(`ask.${outcome}`));
  };
  return (
    <footer className="turn-foot">
      <SmallPrint turn={turn} />
      <div className="row-actions">
        {turn.phase === "done" && (turn.answer?.refused === true || turn.citations.length > 0) && <Rating turn={turn} />}
        {turn.text !== "" && turn.answer?.refused !== true && (
          <button type="button" className="quiet" onClick={() => void copy()}>
            {copied === null ? t("ask.copy") : t(`ask.${copied}`)}
          </button>
        )}
        <button type="button" className="quiet" onClick={() => onAgain(turn)}>
          {t("ask.again")}
        </button>
      </div>
    </footer>
  );
}

function SmallPrint({ turn }: { turn: Turn }) {
  const { t, counted, duration } = useWords();
  const timings = turn.answer?.timings_ms;
  const parts = [
    ...SUPPORTS.map((support) => {
      const number = turn.sentences.filter((sentence) => sentence.support === support).length;
      return number === 0 ? null : t(`ask.tally.${support}`, counted(number));
    }),
    ...(["retrieve", "first_token", "total"] as const).map((step) => {
      const milliseconds = timings?.[step];
      return milliseconds === undefined ? null : t(`ask.timings.${step}`, { duration: duration(milliseconds) });
    }),
    turn.answer?.model ?? null,
  ].filter((part) => part !== null);
  return <p className="fine">{parts.join(" · ")}</p>;
}
