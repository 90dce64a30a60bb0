import type { DocumentRow } from "../api/types";
import { useWords } from "../i18n/words";
import { Progress } from "./progress";
import { knownStage } from "./stage";

/** While it is read: the stage, how far it is and how long it will take. Afterwards: what came of it, in columns. */
export function DocumentState({ row }: { row: DocumentRow }) {
  if (row.status === "running") return <Reading row={row} />;
  return row.status === "queued" && row.seconds_left !== null ? <Waiting seconds={row.seconds_left} /> : <Facts row={row} />;
}

function Reading({ row }: { row: DocumentRow }) {
  const { t, count, timeLeft } = useWords();
  const stage = knownStage(row.stage);
  const chunks = stage !== "reading" && row.chunks_total !== null;
  const done = (chunks ? row.chunks_done : row.pages_done) ?? 0;
  const total = (chunks ? row.chunks_total : row.pages_total) ?? 0;
  const words = [
    stage === null ? t("files.status.running") : t(`files.stages.${stage}`),
    total > 0
      ? t(chunks ? "files.chunksProgress" : "files.pagesProgress", { done: count(done), total: count(total) })
      : null,
    row.waiting_for_turn ? t("files.waitingForTurn") : null,
    row.waiting_for_index ? t("files.waitingForIndex") : null,
    row.seconds_left === null ? null : timeLeft(row.seconds_left),
  ];
  return (
    <div className="file-state reading">
      <span>{words.filter((word) => word !== null).join(" · ")}</span>
      {total > 0 && <Progress label={t("files.progressLabel", { name: row.name })} value={done / total} />}
    </div>
  );
}

function Waiting({ seconds }: { seconds: number }) {
  const { t, timeLeft } = useWords();
  return <div className="file-state reading">{`${t("files.status.queued")} · ${timeLeft(seconds)}`}</div>;
}

function Facts({ row }: { row: DocumentRow }) {
  const { t, counted, bytes, day } = useWords();
  const added = day(row.created_at);
  return (
    <div className="file-state columns">
      <span className="state-word">{t(`files.status.${row.status}`)}</span>
      <span className="fact">{row.pages === null || row.pages === 0 ? "" : t("files.pages", counted(row.pages))}</span>
      <span className="fact">{row.status === "ready" ? t("shelves.chunks", counted(row.chunks)) : ""}</span>
      <span className="fact">{row.bytes === 0 ? "" : bytes(row.bytes)}</span>
      <span className="fact" title={added === "" ? undefined : t("files.added", { day: added })}>
        {added}
      </span>
    </div>
  );
}
