import * as decode from "./decode";
import { languageHeaders } from "./client";
import { uploadAddress } from "./endpoints";
import { ApiFailure } from "./failure";
import type { Accepted } from "./types";

export interface Upload {
  file: File;
  /** The name to keep, with its folders where a folder was chosen. */
  name: string;
}

/** Sends one file. `XMLHttpRequest`, because `fetch` does not tell how much has been sent. */
export function sendFile(
  kb: string,
  { file, name }: Upload,
  onProgress: (sent: number) => void,
  signal: AbortSignal,
): Promise<Accepted> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", file, name);
    request.open("POST", uploadAddress(kb));
    request.responseType = "json";
    for (const [header, value] of Object.entries(languageHeaders())) request.setRequestHeader(header, value);
    request.upload.onprogress = (event) => onProgress(event.total > 0 ? event.loaded / event.total : 0);
    request.onerror = () => reject(ApiFailure.unreachable());
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    request.onload = () => {
      const [first] = decode.accepted(request.response);
      if (request.status < 300 && first !== undefined) resolve(first);
      else reject(ApiFailure.fromBody(request.response, request.status, request.getResponseHeader("Retry-After")));
    };
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}
