import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { ApiFailure } from "../api/failure";
import type { Reason } from "../api/types";
import { formatBytes, formatCount, formatDuration } from "../text/format";
import { languageOf } from "../text/language";
import { zh } from "./zh";

/** Translation and number formatting bound to the page's language, for components. */

function isKey<T extends object>(table: T, code: string): code is Extract<keyof T, string> {
  return Object.hasOwn(table, code);
}

export function useWords() {
  const { t, i18n } = useTranslation();
  const language = i18n.resolvedLanguage ?? "en";
  return useMemo(() => {
    /** The server's sentence has the particulars; where it is in the other language, ours for its code. */
    const reason = ({ code, message, page }: Reason): string => {
      if (message !== "" && languageOf(message) === language) return message;
      if (isKey(zh.errors, code)) return t(`errors.${code}`);
      if (page !== undefined && isKey(zh.warnings, code)) return t(`warnings.${code}`, { page });
      return message === "" ? t("errors.unknown") : message;
    };
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
    };
  }, [t, language]);
}
