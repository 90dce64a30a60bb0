import { useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";

import { useWords } from "../i18n/words";
import { useDropTarget } from "./drop-target";
import { fromDrop } from "./dropped";
import { useUploadStore } from "./upload-context";

const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;

/** Takes files dropped anywhere on a knowledge base's pages, and shows where they went; a page may want them itself. */
export function DropZone({ name }: { name: string }) {
  const { t } = useWords();
  const store = useUploadStore();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const target = useDropTarget();
  const [over, setOver] = useState(false);
  useEffect(() => {
    let depth = 0;
    const enter = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hover = (event: DragEvent) => {
      if (carriesFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!carriesFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      const taker = target.current;
      void fromDrop(event.dataTransfer).then((uploads) => (taker === null ? store.add(uploads) : taker.take(uploads)));
      if (taker !== null) return;
      const files = `${pathname.split("/").slice(0, 3).join("/")}/files`;
      if (pathname !== files) void navigate(files);
    };
    const handlers = [["dragenter", enter], ["dragleave", leave], ["dragover", hover], ["drop", drop]] as const;
    for (const [event, handler] of handlers) window.addEventListener(event, handler);
    return () => {
      for (const [event, handler] of handlers) window.removeEventListener(event, handler);
    };
  }, [store, navigate, pathname, target]);
  return over ? (
    <div className="drop-veil" aria-hidden="true">
      <p>{pathname.endsWith("/files/preview") ? t("preview.dropHere") : t("files.dropHere", { name })}</p>
    </div>
  ) : null;
}
