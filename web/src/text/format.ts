/** Numbers for people, in the page's language. */

export function formatCount(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value);
}

const UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

export function formatBytes(bytes: number, language: string): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)} ${UNITS[unit] ?? "TB"}`;
}

/** Milliseconds below a second, else seconds to one place; Intl sets no space before Chinese units. */
export function formatDuration(milliseconds: number, language: string): string {
  const short = milliseconds < 1000;
  const digits = new Intl.NumberFormat(language, { maximumFractionDigits: short ? 0 : 1 });
  const [small, large] = language.startsWith("zh") ? ["毫秒", "秒"] : ["ms", "s"];
  return short ? `${digits.format(milliseconds)} ${small}` : `${digits.format(milliseconds / 1000)} ${large}`;
}

/** Seconds still to wait, as coarse as such a guess is: tens of seconds, minutes, then half hours. */
export function formatTimeLeft(seconds: number, language: string): string {
  if (seconds < 60) return inUnit(Math.max(10, Math.ceil(seconds / 10) * 10), "second", language);
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return inUnit(minutes, "minute", language);
  return inUnit(Math.ceil(minutes / 30) / 2, "hour", language);
}

const HAN_UNITS = { second: "秒", minute: "分钟", hour: "小时" } as const;

function inUnit(value: number, unit: keyof typeof HAN_UNITS, language: string): string {
  if (language.startsWith("zh")) return `${new Intl.NumberFormat(language).format(value)} ${HAN_UNITS[unit]}`;
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(value);
}

/** The day of a moment or of a date; empty for what is neither. */
export function formatDay(moment: string, language: string): string {
  const date = new Date(/^\d{4}-\d{2}-\d{2}$/.test(moment) ? `${moment}T00:00:00` : moment);
  if (Number.isNaN(date.getTime())) return "";
  const locale = language.startsWith("zh") ? language : "en-GB";
  return new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", day: "numeric" }).format(date);
}

/** 3, 4, 5, 9 becomes “3–5, 9”. */
export function formatRanges(numbers: readonly number[], language: string): string {
  const sorted = [...new Set(numbers)].sort((one, other) => one - other);
  const runs: [number, number][] = [];
  for (const value of sorted) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === value - 1) last[1] = value;
    else runs.push([value, value]);
  }
  const words = runs.map(([first, last]) => {
    if (first === last) return formatCount(first, language);
    return `${formatCount(first, language)}–${formatCount(last, language)}`;
  });
  return words.join(language.startsWith("zh") ? "、" : ", ");
}
