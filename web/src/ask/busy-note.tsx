import { useEffect, useState } from "react";

import { useWords } from "../i18n/words";

/** The server is full: when it may be asked again, counted down. */
export function BusyNote({ seconds, onAgain }: { seconds: number; onAgain: () => void }) {
  const { t, count } = useWords();
  const [left, setLeft] = useState(Math.ceil(seconds));
  useEffect(() => {
    const timer = setInterval(() => setLeft((now) => Math.max(0, now - 1)), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="failure" role="alert">
      <p>{left > 0 ? t("ask.busyIn", { seconds: count(left) }) : t("ask.busyNow")}</p>
      <button type="button" disabled={left > 0} onClick={onAgain}>
        {t("common.retry")}
      </button>
    </div>
  );
}
