import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";

import type { DocumentRow } from "../api/types";
import { DocumentItem } from "./document-item";
import { UploadRow } from "./upload-item";
import type { UploadItem } from "./upload-store";

interface FileListProps {
  kb: string;
  uploads: readonly UploadItem[];
  rows: readonly DocumentRow[];
  label: string;
  onTag: (tag: string) => void;
}

const ROW_ESTIMATE_PX = 76;

/** Uploads first, then documents; only the rows near the window exist, so that thousands scroll smoothly. */
export function FileList({ kb, uploads, rows, label, onTag }: FileListProps) {
  const list = useRef<HTMLUListElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setOffset(list.current?.offsetTop ?? 0);
    measure();
    // What stands above may unfold.
    const observer = new ResizeObserver(measure);
    for (const above of list.current?.parentElement?.children ?? []) if (above !== list.current) observer.observe(above);
    return () => observer.disconnect();
  }, [uploads.length]);
  const virtual = useWindowVirtualizer({
    count: uploads.length + rows.length,
    estimateSize: () => ROW_ESTIMATE_PX,
    overscan: 12,
    scrollMargin: offset,
    getItemKey: (index) => {
      const upload = uploads[index];
      return upload === undefined ? (rows[index - uploads.length]?.id ?? index) : `upload-${upload.key}`;
    },
  });
  return (
    <ul ref={list} className="file-list" aria-label={label} style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map(({ key, index, start }) => {
        const upload = uploads[index];
        const row = rows[index - uploads.length];
        return (
          <li
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            aria-setsize={uploads.length + rows.length}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${start - offset}px)` }}
          >
            {upload !== undefined && <UploadRow item={upload} />}
            {row !== undefined && <DocumentItem kb={kb} row={row} onTag={onTag} />}
          </li>
        );
      })}
    </ul>
  );
}
