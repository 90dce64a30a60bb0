//! The words for what a dictionary refuses: Chinese message and hint, English message and hint.

pub(super) const TOO_MANY_WORDS: [&str; 4] = [
    "词太多：{count} 个，最多 {max} 个。",
    "请只留下资料里常被切错的专名和行话。",
    "There are too many words: {count}; the most is {max}.",
    "Keep the names and terms that are often taken apart.",
];

pub(super) const WORD_TOO_SHORT: [&str; 4] = [
    "“{word}”太短：至少 {min} 个字符。",
    "单个汉字本来就能查到，不必添加。",
    "“{word}” is too short: a word has at least {min} characters.",
    "Single characters are found anyway; take it out.",
];

pub(super) const WORD_TOO_LONG: [&str; 4] = [
    "“{word}…”太长：最多 {max} 个字符。",
    "请每行只写一个词；整句话在检索时用引号括起来即可。",
    "“{word}…” is too long: a word has at most {max} characters.",
    "Write one word on each line; put whole phrases in quotation marks when you search.",
];

pub(super) const WORD_NOT_ALLOWED: [&str; 4] = [
    "“{word}”不能作为词：只能有文字、数字和中间的 - . / _ + # & '，至少一个文字，不能有空格。",
    "请去掉标点和空格。",
    "“{word}” cannot be a word: it has letters, digits and - . / _ + # & ' between them, one letter at least, no blanks.",
    "Take out marks and blanks.",
];
