// Explanations, settings and reports of missing passages, as far as the page needs them: numbers that look right.

/** Settings with a change in them; `null` stays, since it is the default. */
export function changedSettings(settings, change = {}) {
  const none = { meaning_weight: null, per_document: null, mode: null, top_k: null };
  return { ...none, ...settings, ...change };
}

const tuning = (settings) => ({
  mode: settings.mode ?? "hybrid",
  top_k: settings.top_k ?? 10,
  meaning_weight: settings.meaning_weight ?? 0.9,
  per_document: settings.per_document,
});

/** No more of one document than it may have, and no more in all. */
export function narrowed(hits, settings) {
  const { top_k, per_document } = tuning(settings);
  const had = new Map();
  const kept = hits.filter(({ document_id }) => {
    const count = (had.get(document_id) ?? 0) + 1;
    had.set(document_id, count);
    return per_document === null || count <= per_document;
  });
  return kept.slice(0, top_k);
}

/** Each hit with its way through the stages. */
export function explained(hits, query, settings) {
  const trace = { settings: tuning(settings), stages: [] };
  const words = [...new Set(query.match(/\p{Script=Han}{2}|[A-Za-z0-9]{3,}/gu))];
  const told = hits.map((hit, index) => {
    const found = words.filter((word) => hit.text.toLowerCase().includes(word.toLowerCase()));
    const ranges = found.map((word) => {
      const start = hit.start + Array.from(hit.text.slice(0, hit.text.toLowerCase().indexOf(word.toLowerCase()))).length;
      return { start, end: start + Array.from(word).length };
    });
    const stage = (name, rank, score) => ({ stage: name, rank, score });
    const explain = {
      stages: [
        stage("dense", index + 2, hit.scores.dense), stage("lexical", index + 1, hit.scores.lexical),
        stage("sentences", index + 1, hit.scores.dense), stage("fused", index + 1, hit.score), stage("final", index + 1, hit.score),
      ],
      matched_terms: found.map((text) => ({ text, score: 1, share: 1 / found.length })),
      matched_ranges: ranges,
    };
    return { ...hit, explain };
  });
  return { hits: told, trace };
}

/** What became of a document or a text, by whether a hit has it. */
export function whyNot(documents, hits, { document_id, text }, settings, chinese) {
  const has = (hit) => (text === undefined ? hit.document_id === document_id : hit.text.includes(text));
  const at = hits.findIndex(has);
  const { top_k } = tuning(settings);
  const meant = documents.find(({ id, text: all = "" }) => (text === undefined ? id === document_id : all.includes(text)));
  const verdict = meant === undefined ? "not_split_there" : at < 0 ? "lost_before_fusion" : at < top_k ? "found" : "outside_top_k";
  const rank = at < 0 ? null : at + 1;
  const cut = { cutoff_rank: top_k, cutoff_score: 0.2 };
  const remedy = {
    code: "larger_top_k", message: chinese ? `取前 ${rank} 段，它排在第 ${rank} 位。` : `Ask for ${rank} passages: it is number ${rank}.`,
    rank, settings: { top_k: rank },
  };
  return {
    verdict, stage: "fused", query: { text: "", filters: [], phrases: [] }, settings: tuning(settings),
    expected: meant === undefined ? null : { document_id: meant.id, document_name: meant.name, heading: [], page: null, text: text ?? null },
    stages: meant === undefined ? [] : [{ stage: "fused", rank, score: at < 0 ? null : hits[at].score, ...cut }],
    reasons: [chinese ? "这是模拟的服务器，并没有真的去查。" : "This is the mock server; nothing was really tried."],
    remedies: verdict === "outside_top_k" ? [remedy] : [],
    evidence: null,
  };
}
