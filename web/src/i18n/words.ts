import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { ApiFailure } from "../api/failure";
import type { Reason } from "../api/types";
import { certainty } from "../text/certainty";
import { formatBytes, formatCount, formatDay, formatDuration, formatRanges, formatTimeLeft } from "../text/format";
import { languageOf } from "../text/language";
import { zh } from "./zh";

/** Translation and number formatting bound to the page's language, for components. */

function isKey<T extends object>(table: T, code: string): code is Extract<keyof T, string> {
  return Object.hasOwn(table, code);
}

const A_FEW_SECONDS = 5;

export function useWords() {
  const { t, i18n } = useTranslation();
  const language = i18n.resolvedLanguage ?? "en";
  return useMemo(() => {
    /** The server's sentence has the particulars; where it is in the other language, ours for its code. */
    const reason = ({ code, message, page }: Reason): string => {
      if (message !== "" && languageOf(message) === language) return message;
      if (isKey(zh.errors, code)) return t(`errors.${code}`);
      const sure = certainty(message);
      if (page !== undefined && code === "page_read_by_ocr" && sure !== null) {
        return t("warnings.page_read_by_ocr_sure", { page, sure: `${sure}%` });
      }
      if (page !== undefined && isKey(zh.warnings, code)) return t(`warnings.${code}`, { page });
      return message === "" ? t("errors.unknown") : message;
    };
    const kindName = (kind: string): string => (isKey(zh.kinds, kind) ? t(`kinds.${kind}`) : kind);
    const languageName = (tag: string): string => (isKey(zh.languages, tag) ? t(`languages.${tag}`) : tag);
    return {
      t,
      language,
      reason,
      failure: (error: unknown): string =>
        error instanceof ApiFailure ? reason({ code: error.code, message: error.message }) : t("errors.unknown"),
      /** `count` chooses the plural, `formatted` is shown. */
      counted: (count: number) => ({ count, formatted: formatCount(count, language) }),
      count: (value: number) => formatCount(value, language),
      bytes: (value: number) => formatBytes(value, language),
      duration: (value: number) => formatDuration(value, language),
      /** The last seconds are not counted: the number would stand still. */
      timeLeft: (seconds: number) =>
        seconds < A_FEW_SECONDS ? t("files.nearlyDone") : t("files.timeLeft", { duration: formatTimeLeft(seconds, language) }),
      day: (moment: string) => formatDay(moment, language),
      ranges: (numbers: readonly number[]) => formatRanges(numbers, language),
      /** Names of what the server names in its own way; what a newer one adds is shown as it comes. */
      kindName,
      languageName,
      presetName: (preset: string): string => (isKey(zh.presets, preset) ? t(`presets.${preset}`) : preset),
      filterName: (key: string, value: string): string => {
        const shown = key === "kind" ? kindName(value) : key === "language" ? languageName(value) : value;
        return isKey(zh.search.read, key) ? t(`search.read.${key}`, { value: shown }) : shown;
      },
    };
  }, [t, language]);
}
