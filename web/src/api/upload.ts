import * as decode from "./decode";
import { languageHeaders } from "./client";
import { uploadAddress } from "./endpoints";
import { ApiFailure } from "./failure";
import type { Accepted, Preset, SplitDocument, UploadMetadata } from "./types";

export interface Upload {
  file: File;
  /** The name to keep, with its folders where a folder was chosen. */
  name: string;
  metadata?: UploadMetadata;
}

/** What is said about the files goes first: the server has it before the first byte arrives. */
function formOf({ file, name, metadata = {} }: Upload): FormData {
  const form = new FormData();
  if (Object.keys(metadata).length > 0) form.append("metadata", JSON.stringify(metadata));
  form.append("file", file, name);
  return form;
}

interface Sending {
  address: string;
  upload: Upload;
  onProgress: (sent: number) => void;
  signal: AbortSignal;
}

/** Sends one file. `XMLHttpRequest`, because `fetch` does not tell how much has been sent. */
function send({ address, upload, onProgress, signal }: Sending): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.responseType = "json";
    for (const [header, value] of Object.entries(languageHeaders())) request.setRequestHeader(header, value);
    request.upload.onprogress = (event) => onProgress(event.total > 0 ? event.loaded / event.total : 0);
    request.onerror = () => reject(ApiFailure.unreachable());
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response);
      else reject(ApiFailure.fromBody(request.response, request.status, request.getResponseHeader("Retry-After")));
    };
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(formOf(upload));
  });
}

/** Adds one file to a knowledge base. */
export async function sendFile(
  kb: string,
  upload: Upload,
  onProgress: (sent: number) => void,
  signal: AbortSignal,
): Promise<Accepted> {
  const [first] = decode.accepted(await send({ address: uploadAddress(kb), upload, onProgress, signal }));
  if (first === undefined) throw new ApiFailure("unknown", "", 0);
  return first;
}

/** Shows how a file would be cut; the server keeps nothing of it. */
export async function splitFile(upload: Upload, signal: AbortSignal): Promise<SplitDocument> {
  const answer = await send({ address: "/api/v1/split", upload, onProgress: () => undefined, signal });
  const [first] = decode.splitDocuments(answer);
  if (first === undefined) throw new ApiFailure("unknown", "", 0);
  return first;
}

/** What to say about files, without what goes without saying. */
export function metadataOf(preset: Preset, tags: readonly string[], password?: string): UploadMetadata {
  return {
    ...(preset === "auto" ? {} : { preset }),
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    ...(password === undefined ? {} : { password }),
  };
}
