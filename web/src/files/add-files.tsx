import { useRef, type ChangeEvent } from "react";

import { useWords } from "../i18n/words";
import { fromChooser } from "./dropped";
import { useUploadStore } from "./upload-context";

/** Not in React's list of attributes, though every browser has it. */
const wholeFolder = { webkitdirectory: "" };

/** The two choosers: files, or a folder whose paths are kept. */
export function AddFiles() {
  const { t } = useWords();
  const store = useUploadStore();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const chosen = (event: ChangeEvent<HTMLInputElement>) => {
    if (event.target.files !== null) store.add(fromChooser(event.target.files));
    event.target.value = "";
  };
  return (
    <div className="add-files">
      <button type="button" className="primary" onClick={() => files.current?.click()}>
        {t("files.choose")}
      </button>
      <button type="button" onClick={() => folder.current?.click()}>
        {t("files.chooseFolder")}
      </button>
      <input ref={files} type="file" multiple hidden onChange={chosen} aria-label={t("files.choose")} />
      <input ref={folder} type="file" {...wholeFolder} hidden onChange={chosen} aria-label={t("files.chooseFolder")} />
      <p className="fine">{t("files.dropHint")}</p>
    </div>
  );
}
