import { useWords } from "../i18n/words";
import { FileName } from "./file-name";
import { Progress } from "./progress";
import { useUploadStore } from "./upload-context";
import type { UploadItem } from "./upload-store";

/** A file that the server does not have yet. */
export function UploadRow({ item }: { item: UploadItem }) {
  const { t, language, bytes, reason } = useWords();
  const store = useUploadStore();
  const percent = new Intl.NumberFormat(language, { style: "percent" }).format(item.sent);
  const refused = item.state === "refused";
  return (
    <div className="file" data-status={refused ? "failed" : item.state}>
      <div className="file-head">
        <FileName name={item.name} />
      </div>
      <div className="file-state">
        {item.state === "known" && <span>{t("files.known", { name: item.knownAs })}</span>}
        {refused && <span className="state-word">{t("files.status.failed")}</span>}
        {item.state === "waiting" && <span>{t("files.waiting")}</span>}
        {item.state === "sending" && (
          <>
            <span>{t("files.uploading", { percent })}</span>
            <Progress label={t("files.progressLabel", { name: item.name })} value={item.sent} />
          </>
        )}
        {(refused || item.state === "waiting") && <span className="facts">{bytes(item.file.size)}</span>}
      </div>
      <div className="row-actions">
        {refused && (
          <button type="button" onClick={() => store.retry(item.key)}>
            {t("common.retry")}
          </button>
        )}
        <button type="button" className="quiet" onClick={() => store.remove(item.key)}>
          {t(item.state === "known" ? "common.close" : refused ? "files.remove" : "files.stopUpload")}
        </button>
      </div>
      {refused && item.reason !== null && <p className="file-reason">{reason(item.reason)}</p>}
    </div>
  );
}
