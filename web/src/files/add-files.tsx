import { useRef, useState, type ChangeEvent } from "react";
import { Link } from "react-router";

import { useWords } from "../i18n/words";
import { AddressDialog } from "./address-dialog";
import { fromChooser } from "./dropped";
import { useUploadStore } from "./upload-context";
import { UploadOptionsBox } from "./upload-options";

/** Not in React's list of attributes, though every browser has it. */
const wholeFolder = { webkitdirectory: "" };

/** The ways in: files, a folder whose paths are kept, an address of the web; or first a look at how a file is cut. */
export function AddFiles({ kb }: { kb: string }) {
  const { t } = useWords();
  const store = useUploadStore();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [asking, setAsking] = useState(false);
  const chosen = (event: ChangeEvent<HTMLInputElement>) => {
    if (event.target.files !== null) store.add(fromChooser(event.target.files));
    event.target.value = "";
  };
  return (
    <div className="add-files">
      <div className="add-ways">
        <button type="button" className="primary" onClick={() => files.current?.click()}>
          {t("files.choose")}
        </button>
        <button type="button" onClick={() => folder.current?.click()}>
          {t("files.chooseFolder")}
        </button>
        <button type="button" onClick={() => setAsking(true)}>
          {t("files.addAddress")}
        </button>
        <Link to="preview" className="quiet-link">
          {t("files.preview")}
        </Link>
        <input ref={files} type="file" multiple hidden onChange={chosen} aria-label={t("files.choose")} />
        <input ref={folder} type="file" {...wholeFolder} hidden onChange={chosen} aria-label={t("files.chooseFolder")} />
      </div>
      <p className="fine drop-hint">{t("files.dropHint")}</p>
      <UploadOptionsBox kb={kb} />
      {asking && <AddressDialog kb={kb} onClose={() => setAsking(false)} />}
    </div>
  );
}
