import type { Upload } from "../api/upload";

/** Files from a drop or a chooser, folders walked, system files left out. */

const isHidden = (name: string): boolean => name.startsWith(".") || name === "Thumbs.db" || name === "desktop.ini";

export function fromChooser(files: FileList): Upload[] {
  return Array.from(files)
    .filter((file) => !isHidden(file.name))
    .map((file) => ({ file, name: file.webkitRelativePath === "" ? file.name : file.webkitRelativePath }));
}

/** Must be called while the drop event is handled: its items are gone afterwards. */
export async function fromDrop(transfer: DataTransfer): Promise<Upload[]> {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return fromChooser(transfer.files);
  return (await Promise.all(entries.map(walk))).flat();
}

async function walk(entry: FileSystemEntry): Promise<Upload[]> {
  if (isHidden(entry.name)) return [];
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ file, name: entry.fullPath.replace(/^\//, "") }];
  }
  const children = await readAll((entry as FileSystemDirectoryEntry).createReader());
  return (await Promise.all(children.map(walk))).flat();
}

/** A reader gives a folder's entries in batches, and an empty batch at the end. */
async function readAll(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const all: FileSystemEntry[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return all;
    all.push(...batch);
  }
}
