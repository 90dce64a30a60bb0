// DEVELOPMENT AND TESTS ONLY. What documents are, and which of them fit a filter.

const yearOf = ({ created }) => created?.slice(0, 4) ?? null;
const languageOf = ({ text }) => (text === undefined ? null : /\p{Script=Han}/u.test(text.slice(0, 200)) ? "zh" : "en");

function counted(values) {
  const counts = new Map();
  for (const value of values) if (value !== null && value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1]).map(([value, count]) => ({ value, count }));
}

export function facets(documents) {
  const ready = documents.filter(({ status }) => status === "ready");
  return {
    kinds: counted(ready.map(({ kind }) => kind)), languages: counted(ready.map(languageOf)),
    tags: counted(ready.flatMap(({ tags }) => tags)), authors: counted(ready.map(({ author }) => author)),
    years: counted(ready.map(yearOf)),
  };
}

export function fits(document, filter = {}) {
  const { kinds, languages, tags, authors, created_after: after, created_before: before } = filter;
  return (
    (kinds === undefined || kinds.includes(document.kind)) &&
    (languages === undefined || languages.includes(languageOf(document))) &&
    (tags === undefined || tags.some((tag) => document.tags.includes(tag))) &&
    (authors === undefined || authors.includes(document.author)) &&
    (after === undefined || (document.created ?? "") >= after) &&
    (before === undefined || (document.created ?? "9999") <= before)
  );
}

const KEYS = { type: "kind", 类型: "kind", tag: "tag", 标签: "tag", author: "author", 作者: "author", year: "year", 年份: "year" };

/** Filters typed in a query, such as `type:pdf`: as they are told, as they narrow, and the query without them. */
export function readOut(query) {
  const filters = [];
  const text = query.replace(/(\p{L}+)[:：](\S+)/gu, (written, name, value) => {
    if (KEYS[name] === undefined) return written;
    filters.push({ key: KEYS[name], value, written });
    return "";
  });
  const values = (key) => filters.filter((filter) => filter.key === key).map(({ value }) => value);
  const some = (key) => (values(key).length === 0 ? undefined : values(key));
  const [year] = values("year");
  const narrow = { kinds: some("kind"), tags: some("tag"), authors: some("author") };
  const span = year === undefined ? {} : { created_after: `${year}-01-01`, created_before: `${year}-12-31` };
  return { text: text.trim(), filters, narrow: { ...narrow, ...span } };
}

export function listed(documents, parameters) {
  const [status, kind, tag, author, q] = ["status", "kind", "tag", "author", "q"].map((name) => parameters.get(name));
  return documents.filter(
    (one) =>
      (status === null || one.status === status) && (kind === null || one.kind === kind) &&
      (tag === null || one.tags.includes(tag)) && (author === null || one.author === author) &&
      (q === null || `${one.name} ${one.title ?? ""}`.toLowerCase().includes(q.toLowerCase())),
  );
}
