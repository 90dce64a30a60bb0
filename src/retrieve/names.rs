//! What filters, formats and languages may be called in a question.

use wenyuan_ingest::{Kind, Language};

/// What a typed filter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Kind,
    Tag,
    Author,
    Language,
    Name,
    Title,
    Heading,
    After,
    Before,
    Year,
    Page,
}

impl Key {
    /// The stable name.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Tag => "tag",
            Self::Author => "author",
            Self::Language => "language",
            Self::Name => "name",
            Self::Title => "title",
            Self::Heading => "heading",
            Self::After => "after",
            Self::Before => "before",
            Self::Year => "year",
            Self::Page => "page",
        }
    }
}

/// The filter of this name, in either language and any case.
pub(super) fn key_named(name: &str) -> Option<Key> {
    Some(match name.to_lowercase().as_str() {
        "类型" | "類型" | "格式" | "type" | "kind" | "filetype" => Key::Kind,
        "标签" | "標籤" | "tag" | "tags" => Key::Tag,
        "作者" | "author" => Key::Author,
        "语言" | "語言" | "lang" | "language" => Key::Language,
        "文件" | "文件名" | "檔案" | "文档" | "文檔" | "file" | "filename" | "name" => {
            Key::Name
        }
        "标题" | "標題" | "title" | "intitle" => Key::Title,
        "章节" | "章節" | "heading" | "section" => Key::Heading,
        "晚于" | "晚於" | "after" => Key::After,
        "早于" | "早於" | "before" => Key::Before,
        "年份" | "year" => Key::Year,
        "页" | "頁" | "页码" | "頁碼" | "page" | "pages" => Key::Page,
        _ => return None,
    })
}

/// The format of this name or file ending.
pub(super) fn kind_named(name: &str) -> Option<Kind> {
    Some(match name.trim_start_matches('.').to_lowercase().as_str() {
        "pdf" => Kind::Pdf,
        "docx" | "word" => Kind::Docx,
        "pptx" | "powerpoint" | "幻灯片" | "投影片" => Kind::Pptx,
        "xlsx" | "xls" | "excel" => Kind::Xlsx,
        "odt" => Kind::Odt,
        "ods" => Kind::Ods,
        "odp" => Kind::Odp,
        "rtf" => Kind::Rtf,
        "epub" | "电子书" | "電子書" => Kind::Epub,
        "html" | "htm" | "网页" | "網頁" => Kind::Html,
        "markdown" | "md" => Kind::Markdown,
        "text" | "txt" | "纯文本" | "純文字" => Kind::Text,
        "csv" | "tsv" => Kind::Csv,
        "json" | "jsonl" => Kind::Json,
        "email" | "eml" | "mail" | "mbox" | "邮件" | "郵件" => Kind::Email,
        "image" | "picture" | "png" | "jpg" | "jpeg" | "图片" | "圖片" => Kind::Image,
        "code" | "代码" | "程式碼" => Kind::Code,
        "zip" | "archive" | "压缩包" | "壓縮檔" => Kind::Zip,
        _ => return None,
    })
}

/// The languages of this name; Chinese without more is both scripts.
pub(super) fn languages_named(name: &str) -> Option<&'static [Language]> {
    const BOTH: [Language; 2] = [Language::Chinese, Language::TraditionalChinese];
    Some(match name.to_lowercase().as_str() {
        "中文" | "汉语" | "漢語" | "chinese" => &BOTH,
        "zh" | "zh-hans" | "zh-cn" | "简体" | "简体中文" => &[Language::Chinese],
        "zh-hant" | "zh-tw" | "zh-hk" | "繁体" | "繁體" | "繁体中文" | "繁體中文" => {
            &[Language::TraditionalChinese]
        }
        "en" | "english" | "英文" | "英语" | "英語" => &[Language::English],
        "other" | "其他" | "其它" => &[Language::Other],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_answers_to_its_own_name() {
        let all = [
            Kind::Pdf,
            Kind::Docx,
            Kind::Pptx,
            Kind::Xlsx,
            Kind::Odt,
            Kind::Ods,
            Kind::Odp,
            Kind::Rtf,
            Kind::Epub,
            Kind::Html,
            Kind::Markdown,
            Kind::Text,
            Kind::Csv,
            Kind::Json,
            Kind::Email,
            Kind::Image,
            Kind::Code,
            Kind::Zip,
        ];
        for kind in all {
            assert_eq!(kind_named(kind.as_str()), Some(kind));
        }
        for language in [
            Language::Chinese,
            Language::TraditionalChinese,
            Language::English,
            Language::Other,
        ] {
            assert_eq!(
                languages_named(language.as_str()),
                Some([language].as_slice())
            );
        }
    }
}
