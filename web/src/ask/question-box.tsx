import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";

import type { AskRequest } from "../api/types";
import { useWords } from "../i18n/words";
import { Choice } from "../parts/choice";

interface QuestionBoxProps {
  running: boolean;
  onAsk: (request: AskRequest) => void;
  onStop: () => void;
}

const MODES = ["answer", "quote"] as const;
const MAX_CHARACTERS = 4_000;
const KEY_CODE_OF_COMPOSITION = 229;

/** Enter that confirms an input method's candidates is not Enter; Safari tells only by the key code. */
function composing(event: KeyboardEvent): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
  return event.nativeEvent.isComposing || event.keyCode === KEY_CODE_OF_COMPOSITION;
}

export function QuestionBox({ running, onAsk, onStop }: QuestionBoxProps) {
  const { t } = useWords();
  const field = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [question, setQuestion] = useState("");
  const [mode, setMode] = useState<AskRequest["mode"]>("answer");
  const [strict, setStrict] = useState(false);
  useEffect(() => {
    const element = area.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [question]);
  const send = () => {
    if (running || question.trim() === "") return;
    onAsk({ question: question.trim(), mode, strict });
    setQuestion("");
  };
  const stop = () => {
    onStop();
    // The button that had the focus is gone; on a touch screen the keyboard would only be in the way.
    if (window.matchMedia("(hover: hover)").matches) area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || composing(event)) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      className="question-box"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="question-line">
        <label className="visually-hidden" htmlFor={field}>
          {t("ask.label")}
        </label>
        <textarea
          id={field}
          ref={area}
          rows={1}
          value={question}
          maxLength={MAX_CHARACTERS}
          placeholder={t("ask.placeholder")}
          onChange={(event) => setQuestion(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {running ? (
          <button type="button" onClick={stop}>
            {t("ask.stop")}
          </button>
        ) : (
          <button type="submit" className="primary" disabled={question.trim() === ""}>
            {t("ask.send")}
          </button>
        )}
      </div>
      <div className="question-options">
        <Choice
          legend={t("ask.mode")}
          options={MODES.map((value) => ({ value, label: t(`ask.modes.${value}`) }))}
          value={mode}
          onChange={setMode}
        />
        <label className="check" title={t("ask.strictHint")}>
          <input type="checkbox" checked={strict} onChange={(event) => setStrict(event.target.checked)} />
          <span>{t("ask.strict")}</span>
        </label>
        <span className="fine keys">{t("ask.keys")}</span>
      </div>
    </form>
  );
}
