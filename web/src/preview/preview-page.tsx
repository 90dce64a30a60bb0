import { useCallback, useRef, useState, type ChangeEvent } from "react";
import { Link, useNavigate } from "react-router";

import type { Preset } from "../api/types";
import { metadataOf, type Upload } from "../api/upload";
import { useTakeDrops } from "../files/drop-target";
import { fromChooser } from "../files/dropped";
import { PresetSelect } from "../files/preset-select";
import { useUploadOptions, useUploadStore } from "../files/upload-context";
import { useWords } from "../i18n/words";
import { Choice } from "../parts/choice";
import { Cut } from "./cut";

const MOST_FILES = 10;

/** How files would be cut into passages, before anything is added. */
export function PreviewPage() {
  const { t } = useWords();
  const store = useUploadStore();
  const navigate = useNavigate();
  const options = useUploadOptions();
  const [preset, setPreset] = useState<Preset>(options.preset);
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const [surplus, setSurplus] = useState(false);
  const [at, setAt] = useState(0);
  const [passwords, setPasswords] = useState<ReadonlyMap<File, string>>(new Map());
  const take = useCallback((files: readonly Upload[]) => {
    if (files.length === 0) return;
    setUploads(files.slice(0, MOST_FILES));
    setSurplus(files.length > MOST_FILES);
    setAt(0);
  }, []);
  useTakeDrops(take);
  const upload = uploads[at];
  const add = () => {
    // What was seen is what comes: `auto` is said as well, or a known name would be cut as it was before.
    const metadata = (file: File) => ({ ...metadataOf(preset, options.tags, passwords.get(file)), preset });
    store.add(uploads.map((one) => ({ ...one, metadata: metadata(one.file) })));
    void navigate("..", { relative: "path" });
  };
  return (
    <div className="column files preview">
      <p>
        <Link to=".." relative="path" className="quiet-link">
          {t("preview.back")}
        </Link>
      </p>
      <h1>{t("preview.title")}</h1>
      <p className="muted">{t("preview.hint")}</p>
      <div className="preview-settings">
        <ChooseFiles first={uploads.length === 0} onFiles={take} />
        <PresetSelect value={preset} onChange={setPreset} />
        {uploads.length > 1 && (
          <Choice
            legend={t("preview.files")}
            options={uploads.map(({ name }, index) => ({ value: String(index), label: name }))}
            value={String(at)}
            onChange={(index) => setAt(Number(index))}
          />
        )}
        {surplus && <p className="notice">{t("preview.tooMany", { max: MOST_FILES })}</p>}
      </div>
      {upload !== undefined && (
        <Cut
          upload={upload}
          preset={preset}
          password={passwords.get(upload.file)}
          onPassword={(password) => setPasswords((now) => new Map(now).set(upload.file, password))}
          add={
            <button type="button" className="primary" onClick={add}>
              {t(uploads.length > 1 ? "preview.addAll" : "preview.add")}
            </button>
          }
        />
      )}
    </div>
  );
}

function ChooseFiles({ first, onFiles }: { first: boolean; onFiles: (uploads: readonly Upload[]) => void }) {
  const { t } = useWords();
  const input = useRef<HTMLInputElement>(null);
  const chosen = (event: ChangeEvent<HTMLInputElement>) => {
    if (event.target.files !== null) onFiles(fromChooser(event.target.files));
    event.target.value = "";
  };
  return (
    <div className="add-ways">
      <button type="button" className={first ? "primary" : undefined} onClick={() => input.current?.click()}>
        {t(first ? "preview.choose" : "preview.chooseOther")}
      </button>
      <p className="fine drop-hint">{t("preview.dropHint")}</p>
      <input ref={input} type="file" multiple hidden onChange={chosen} aria-label={t("preview.choose")} />
    </div>
  );
}
