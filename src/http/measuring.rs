//! The words for gold questions and calibration: Chinese message and hint, English message and hint.

pub(super) const GOLD_QUESTION_NOT_FOUND: [&str; 4] = [
    "没有评测问题“{id}”。",
    "请核对编号；它可能已被移除。",
    "There is no gold question “{id}”.",
    "Check the id; it may have been removed.",
];

pub(super) const NO_GOLD_QUESTIONS: [&str; 4] = [
    "这个知识库没有可以评测的问题。",
    "请先添加评测问题，并确认它们对应的文档还在。",
    "This knowledge base has no gold questions that could be asked.",
    "Add some first, and check that their documents are still there.",
];

pub(super) const TOO_LITTLE_TEXT: [&str; 4] = [
    "内容太少，无法校准：只能生成 {made} 个问题，至少需要 {fewest} 个。",
    "请先添加更多文档；在此之前使用内置阈值。",
    "There is too little text to calibrate: only {made} questions could be made, {fewest} are needed.",
    "Add more documents first; until then the built-in threshold is used.",
];
