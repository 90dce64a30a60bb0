//! The words of the reports, English and Chinese side by side.

/// The language of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportLanguage {
    /// 中文
    Chinese,
    /// English
    English,
}

impl ReportLanguage {
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }

    /// The text in this language.
    pub(super) const fn say<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }

    /// What a figure is called; its own name where there is nothing better.
    pub(super) fn figure(self, name: &str) -> &str {
        let (english, chinese) = match name {
            "documents" => ("Documents", "文档"),
            "chunks" => ("Passages", "段落"),
            "questions" => ("Questions", "问题"),
            "recall_at_1" => ("Found first (recall@1)", "排在第一（recall@1）"),
            "recall_at_5" => ("Among the first five (recall@5)", "排在前五（recall@5）"),
            "recall_at_10" => ("Among the first ten (recall@10)", "排在前十（recall@10）"),
            "mrr_at_10" => ("Mean reciprocal rank (MRR@10)", "平均倒数排名（MRR@10）"),
            "ndcg_at_10" => ("Ranking as a whole (nDCG@10)", "整体排序（nDCG@10）"),
            "gate_refusal_recall" => ("Unanswerable questions refused", "拒答无答案的问题"),
            "gate_false_refusal_rate" => ("Answerable questions refused", "误拒有答案的问题"),
            "search_ms_p50" => ("Search, median (ms)", "检索耗时中位数（毫秒）"),
            "search_ms_p95" => ("Search, 95th percentile (ms)", "检索耗时 95 分位（毫秒）"),
            "retrieve_ms_p50" => (
                "Search without embedding, median (ms)",
                "不含向量计算的检索耗时中位数（毫秒）",
            ),
            "answers" => ("Answers", "回答"),
            "answer_exact" => ("Answers word for word right", "回答逐字正确"),
            "answer_f1" => ("Answers, token F1", "回答的词元 F1"),
            "answer_contains" => ("Answers that hold the right one", "回答包含正确答案"),
            "citation_precision" => ("Citations in a relevant document", "引用落在相关文档"),
            "citation_recall" => (
                "Questions with a citation in a relevant document",
                "引用到相关文档的问题",
            ),
            "supported_sentence_rate" => ("Sentences supported", "有依据的句子"),
            "refusal_recall" => ("Unanswerable questions not answered", "没有答案时不作答"),
            "false_refusal_rate" => ("Answerable questions not answered", "有答案时未作答"),
            "ttft_ms_p50" => ("First text, median (ms)", "首字耗时中位数（毫秒）"),
            other => return other,
        };
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}
