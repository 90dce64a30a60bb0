//! Every error in the words that people read, Chinese and English side by side; `{name}` is filled in by the caller.

use super::code::ErrorCode;
use super::language::Tongue;
use super::{fetching, indexing, measuring, wording};

/// What happened, and what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words {
    /// What happened, to what.
    pub(crate) message: &'static str,
    /// What to do next.
    pub(crate) hint: &'static str,
}

/// The words for an error in a language.
pub(crate) const fn words(code: ErrorCode, tongue: Tongue) -> Words {
    let [zh_message, zh_hint, en_message, en_hint] = table(code);
    match tongue {
        Tongue::Chinese => Words {
            message: zh_message,
            hint: zh_hint,
        },
        Tongue::English => Words {
            message: en_message,
            hint: en_hint,
        },
    }
}

/// Puts the arguments in the places of their names. A place without an argument keeps its braces.
pub(crate) fn fill(template: &str, arguments: &[(&'static str, String)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}').map(|offset| open + offset) else {
            break;
        };
        let name = &rest[open + 1..close];
        text.push_str(&rest[..open]);
        match arguments.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => text.push_str(value),
            None => text.push_str(&rest[open..=close]),
        }
        rest = &rest[close + 1..];
    }
    text.push_str(rest);
    text
}

/// Chinese message and hint, English message and hint.
#[expect(clippy::too_many_lines, reason = "a table: one row for each code")]
const fn table(code: ErrorCode) -> [&'static str; 4] {
    match code {
        ErrorCode::EmptyQuestion => [
            "没有输入问题。",
            "请写出要问的内容。",
            "The question is empty.",
            "Write what you want to know.",
        ],
        ErrorCode::OnlyFilters => [
            "问题里只有筛选条件。",
            "请在筛选条件之外写出要查找的内容，例如“类型:pdf 年假几天”。",
            "The question holds filters only.",
            "Add what you are looking for, as in “type:pdf annual leave”.",
        ],
        ErrorCode::FilterTooBroad => [
            "符合筛选条件的文档太多。",
            "请再按知识库、格式、语言或添加时间缩小范围。",
            "Too many documents pass the filter.",
            "Narrow it by knowledge base, format, language or the time of adding.",
        ],
        ErrorCode::QuestionTooLong => [
            "问题太长：{length}，最多 {max}。",
            "请缩短问题；如果要处理整篇文字，请把它作为文档上传。",
            "The question is too long: {length}; the most is {max}.",
            "Shorten it, or upload the long text as a document.",
        ],
        ErrorCode::InvalidJson => [
            "请求内容不是有效的 JSON：{detail}。",
            "请检查引号、逗号和编码；编码必须是 UTF-8。",
            "The body is not valid JSON: {detail}.",
            "Check quotes, commas and the encoding, which must be UTF-8.",
        ],
        ErrorCode::InvalidBody => [
            "请求内容与接口要求不符：{detail}。",
            "各字段的类型见 /docs。",
            "The body does not have the expected fields: {detail}.",
            "See /docs for the fields and their types.",
        ],
        ErrorCode::UnreadableBody => [
            "请求内容没有传完。",
            "请检查网络后重试。",
            "The body ended too early.",
            "Check the connection and send it again.",
        ],
        ErrorCode::InvalidParameter => [
            "参数 {name} 无效：{detail}。",
            "可用的取值见 /docs。",
            "The parameter {name} is not valid: {detail}.",
            "See /docs for the values it takes.",
        ],
        ErrorCode::OutOfRange => [
            "{name} 超出范围：应在 {min} 到 {max} 之间。",
            "请改用范围内的数值。",
            "{name} is out of range: it must be {min} to {max}.",
            "Use a number in that range.",
        ],
        ErrorCode::InvalidRequest => [
            "{name} 无效：{detail}。",
            "请修改后重试。",
            "{name} is not valid: {detail}.",
            "Change it and try again.",
        ],
        ErrorCode::InvalidName => [
            "文件名无法使用：{detail}。",
            "请改名后重新上传。",
            "The file's name cannot be used: {detail}.",
            "Rename the file and upload it again.",
        ],
        ErrorCode::InvalidMultipart => [
            "上传内容的格式有误：{detail}。",
            "请以 multipart/form-data 上传，文件放在 file 字段，可另附 JSON 格式的 metadata 字段。",
            "The upload is malformed: {detail}.",
            "Send multipart/form-data with files in the field `file` and, if needed, JSON in `metadata`.",
        ],
        ErrorCode::NoFiles => [
            "上传内容里没有文件。",
            "请把文件放在 file 字段，可重复多次。",
            "The upload has no file.",
            "Put each file in a field named `file`.",
        ],
        ErrorCode::TooManyFiles => [
            "一次上传的文件超过 {max} 个；没有文件被收下。",
            "请分几次上传。",
            "The upload has more than {max} files; none was taken.",
            "Upload them in several requests.",
        ],
        ErrorCode::EmptyFile => [
            "文件是空的。",
            "请检查原文件，内容可能没有保存。",
            "The file is empty.",
            "Check the original: it may not have been saved.",
        ],
        ErrorCode::HostRefused => [
            "不接受以 {host} 访问本服务。",
            "请用 localhost 访问，或把该名称加入 wenyuan.toml 的 server.hosts。",
            "This server does not answer to the name {host}.",
            "Use localhost, or add the name to server.hosts in wenyuan.toml.",
        ],
        ErrorCode::OriginRefused => [
            "拒绝了来自其他网站（{origin}）的更改请求。",
            "请在本服务自己的页面上操作，或把该网站的名称加入 wenyuan.toml 的 server.hosts。",
            "A page of another site ({origin}) may not change anything here.",
            "Use this server's own page, or add that site's name to server.hosts in wenyuan.toml.",
        ],
        ErrorCode::RouteNotFound => [
            "没有 {path} 这个接口。",
            "全部接口见 /docs。",
            "There is nothing at {path}.",
            "See /docs for every path.",
        ],
        ErrorCode::KnowledgeBaseNotFound => [
            "没有知识库“{id}”。",
            "它可能已被删除或改名；GET /api/v1/knowledge-bases 可列出全部知识库。",
            "There is no knowledge base “{id}”.",
            "It may have been deleted or renamed; GET /api/v1/knowledge-bases lists them all.",
        ],
        ErrorCode::DocumentNotFound => [
            "这个知识库里没有文档 {id}。",
            "它可能已被删除，请刷新文档列表。",
            "There is no document {id} in this knowledge base.",
            "It may have been deleted; list the documents again.",
        ],
        ErrorCode::VersionNotFound => [
            "没有文档版本 {id}。",
            "它可能已被新版本取代，请刷新文档列表。",
            "There is no document version {id}.",
            "A newer one may have replaced it; list the documents again.",
        ],
        ErrorCode::PageNotFound => [
            "文档没有第 {page} 页。",
            "页码从 1 开始，文档的 pages 字段是总页数。",
            "The document has no page {page}.",
            "Pages count from 1; the document's `pages` says how many there are.",
        ],
        ErrorCode::NoPageImages => [
            "这个文档的页面无法显示为图片（{detail}）。",
            "只有 PDF 能显示页面图片，并且需要 pdfium；请运行 wenyuan models pull，或查看文档的文字。",
            "Pages of this document cannot be shown as pictures ({detail}).",
            "Only PDFs can, and only with pdfium: run `wenyuan models pull`, or read the document's text instead.",
        ],
        ErrorCode::ContentNotFound => [
            "文档 {id} 还没有可显示的内容。",
            "请等状态变为 ready；如果处理失败，请看文档的 error 字段。",
            "Document {id} has nothing to show yet.",
            "Wait until its status is `ready`; if it failed, its `error` says why.",
        ],
        ErrorCode::JobNotFound => [
            "没有任务 {id}。",
            "任务会随文档一起删除，请刷新文档列表。",
            "There is no job {id}.",
            "Jobs go with their documents; list the documents again.",
        ],
        ErrorCode::MethodNotAllowed => [
            "{path} 不支持 {method} 方法。",
            "每个接口支持的方法见 /docs。",
            "{path} does not take {method}.",
            "See /docs for the methods of each path.",
        ],
        ErrorCode::NameTaken => [
            "这个名称已经有了：{detail}。",
            "请换一个名称。",
            "The name is taken: {detail}.",
            "Choose another name.",
        ],
        ErrorCode::NotCancellable => [
            "任务已经结束，无法取消。",
            "如不需要这个文档，可以将它删除。",
            "The job has already ended and cannot be cancelled.",
            "If you do not need the document, delete it.",
        ],
        ErrorCode::NotRetryable => [
            "只有失败或已取消的任务可以重试。",
            "请等它结束，或重新上传文件。",
            "Only a failed or cancelled job can be tried again.",
            "Wait for it to end, or upload the file again.",
        ],
        ErrorCode::Conflict => [
            "与现有内容冲突：{detail}。",
            "请刷新后重试。",
            "This contradicts what is there: {detail}.",
            "Look again and retry.",
        ],
        ErrorCode::PayloadTooLarge => [
            "请求内容太大：最多 {max}。",
            "请减少内容，或分几次发送。",
            "The body is too large: the most is {max}.",
            "Send less, or send it in parts.",
        ],
        ErrorCode::FileTooLarge => [
            "文件太大：最多 {max}。",
            "请拆分文件，或调大 wenyuan.toml 的 server.max_file_mb。",
            "The file is too large: the most is {max}.",
            "Split it, or raise server.max_file_mb in wenyuan.toml.",
        ],
        ErrorCode::UnsupportedMediaType => [
            "请求的 Content-Type 不对：应为 {expected}。",
            "请设置正确的 Content-Type。",
            "The Content-Type is not what this path takes: {expected}.",
            "Set the Content-Type header accordingly.",
        ],
        ErrorCode::UnsupportedFormat => [
            "无法读取这种文件：{detail}。",
            "请转换成 PDF、DOCX、HTML、Markdown 或纯文本。",
            "This kind of file cannot be read: {detail}.",
            "Convert it to PDF, DOCX, HTML, Markdown or plain text.",
        ],
        ErrorCode::GoldQuestionNotFound => measuring::GOLD_QUESTION_NOT_FOUND,
        ErrorCode::NoGoldQuestions => measuring::NO_GOLD_QUESTIONS,
        ErrorCode::TooLittleText => measuring::TOO_LITTLE_TEXT,
        ErrorCode::TooManyWords => wording::TOO_MANY_WORDS,
        ErrorCode::WordTooShort => wording::WORD_TOO_SHORT,
        ErrorCode::WordTooLong => wording::WORD_TOO_LONG,
        ErrorCode::WordNotAllowed => wording::WORD_NOT_ALLOWED,
        ErrorCode::EmbedderNotInstalled => indexing::EMBEDDER_NOT_INSTALLED,
        ErrorCode::EmbedderMismatch => indexing::EMBEDDER_MISMATCH,
        ErrorCode::EmbedderInUse => indexing::EMBEDDER_IN_USE,
        ErrorCode::IndexChangeUnderWay => indexing::INDEX_CHANGE_UNDER_WAY,
        ErrorCode::IndexNotReady => indexing::INDEX_NOT_READY,
        ErrorCode::NoOtherIndex => indexing::NO_OTHER_INDEX,
        ErrorCode::UrlInvalid => fetching::URL_INVALID,
        ErrorCode::UrlRefused => fetching::URL_REFUSED,
        ErrorCode::UrlPortRefused => fetching::URL_PORT_REFUSED,
        ErrorCode::UrlDowngraded => fetching::URL_DOWNGRADED,
        ErrorCode::UrlStatus => fetching::URL_STATUS,
        ErrorCode::TooManyRedirects => fetching::TOO_MANY_REDIRECTS,
        ErrorCode::UrlTooLarge => fetching::URL_TOO_LARGE,
        ErrorCode::UrlUnreachable => fetching::URL_UNREACHABLE,
        ErrorCode::UrlTimeout => fetching::URL_TIMEOUT,
        ErrorCode::UrlDisabled => fetching::URL_DISABLED,
        ErrorCode::Unsupported => [
            "本版本还不支持：{detail}。",
            "请去掉这个字段：model 只能是正在使用的模型，每个问题单独作答。",
            "This version cannot do that yet: {detail}.",
            "Leave the field out: `model` may only name the model in use, and every question is answered by itself.",
        ],
        ErrorCode::Overloaded => [
            "语言模型正忙，排队已满。",
            "请在 {seconds} 秒后重试。",
            "The language model is busy and its queue is full.",
            "Try again in {seconds} seconds.",
        ],
        ErrorCode::TooManyRequests => [
            "同时处理的请求太多。",
            "请在 {seconds} 秒后重试。",
            "Too many requests are being handled at once.",
            "Try again in {seconds} seconds.",
        ],
        ErrorCode::Internal => [
            "服务内部出错。",
            "请重试；如果再次出现，请带上 request_id 查看服务日志。",
            "Something went wrong inside the server.",
            "Try again; if it happens again, look for the request_id in the server's log.",
        ],
        ErrorCode::ModelUnavailable => [
            "语言模型无法使用。",
            "请运行 wenyuan doctor；也可以用 mode=quote 直接查看原文。",
            "The language model cannot be used.",
            "Run `wenyuan doctor`, or ask with mode `quote` for the documents' own sentences.",
        ],
        ErrorCode::EmbedderUnavailable => [
            "向量模型无法使用。",
            "请运行 wenyuan models check。",
            "The embedding model cannot be used.",
            "Run `wenyuan models check`.",
        ],
        ErrorCode::IndexUnavailable => [
            "索引无法使用。",
            "请稍后重试；如果一直如此，请运行 wenyuan doctor。",
            "The index cannot be used.",
            "Try again; if it stays so, run `wenyuan doctor`.",
        ],
        ErrorCode::CatalogUnavailable => [
            "文档目录无法使用。",
            "请检查数据目录所在磁盘，然后运行 wenyuan doctor。",
            "The catalog cannot be used.",
            "Check the disk that holds the data folder, then run `wenyuan doctor`.",
        ],
        ErrorCode::StorageFull => [
            "磁盘空间不足（需留出约 64 MB），没有任何更改。",
            "请在数据目录所在磁盘腾出空间后重试。",
            "The disk is full, or nearly so (some 64 MB are kept free); nothing was changed.",
            "Free some space on the disk that holds the data folder and try again.",
        ],
        ErrorCode::Timeout => [
            "处理超时。",
            "请稍后重试，或缩小范围。",
            "It took too long.",
            "Try again later, or ask for less.",
        ],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn places(template: &str) -> BTreeSet<&str> {
        template
            .split('{')
            .skip(1)
            .filter_map(|part| part.split('}').next())
            .collect()
    }

    #[test]
    fn every_code_has_words_and_the_same_arguments_in_both_languages() {
        for code in ErrorCode::ALL {
            let chinese = words(*code, Tongue::Chinese);
            let english = words(*code, Tongue::English);
            for text in [chinese.message, chinese.hint, english.message, english.hint] {
                assert!(!text.trim().is_empty(), "{code:?} lacks words");
            }
            assert!(
                chinese.message.contains(|letter: char| letter > '\u{3000}'),
                "{code:?}"
            );
            assert!(
                english.message.ends_with('.') && chinese.message.ends_with('。'),
                "{code:?}"
            );
            assert_eq!(places(chinese.message), places(english.message), "{code:?}");
            assert_eq!(places(chinese.hint), places(english.hint), "{code:?}");
        }
    }

    #[test]
    fn codes_are_unique_snake_case() {
        let names: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), ErrorCode::ALL.len());
        assert!(
            names
                .iter()
                .all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        );
    }

    #[test]
    fn arguments_are_put_in_once_and_never_expanded_again() {
        let filled = fill(
            "{a} and {b}, {c",
            &[("a", "{b}".to_owned()), ("b", "2".to_owned())],
        );
        assert_eq!(filled, "{b} and 2, {c");
    }
}
