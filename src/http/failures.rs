//! Why documents failed and what to know about them, in Chinese; the catalog keeps the English words and the figures.

use serde_json::{Map, Value};
use wenyuan_ingest::Warning;

use super::language::Tongue;
use super::messages::fill;
use crate::catalog::JobError;

/// A password was tried and does not open the file.
const WRONG_PASSWORD: &str = "密码不对，打不开这个文件。请换一个密码重试，或去掉密码后再添加。";

/// Nothing in a file of a format that has no pages.
const WITHOUT_PAGES: &str = "文件里没有找到文字。请用原来的程序打开看看：如果内容是图片，或要联网才显示，请另存为 PDF 后再添加。";

/// The failure in the reader's language. A code without Chinese words keeps its English ones.
pub(crate) fn words(error: &JobError, tongue: Tongue) -> String {
    let given = error.args.get("given") == Some(&Value::Bool(true));
    let template = match error.code.as_str() {
        "password_required" if given => Some(WRONG_PASSWORD),
        "no_text" if error.args.get("pages").is_some_and(|pages| pages == 0) => Some(WITHOUT_PAGES),
        code => chinese(code),
    };
    match (tongue, template) {
        (Tongue::Chinese, Some(template)) => filled(template, &error.args),
        (Tongue::Chinese | Tongue::English, _) => error.message.clone(),
    }
}

/// How the message of a page without text ends when recognition found nothing either.
const UNRECOGNIZED: &str = "OCR found none.";

/// The warning in the reader's language.
pub(crate) fn warning(warning: &Warning, tongue: Tongue) -> String {
    match (tongue, chinese_warning(&warning.code)) {
        (Tongue::Chinese, Some(template)) => {
            let page = warning
                .page
                .map_or_else(String::new, |page| page.to_string());
            // Warnings about a part of the file begin with its name.
            let name = warning.message.split(": ").next().unwrap_or_default();
            let percent = percent(&warning.message).to_owned();
            let text = fill(
                template,
                &[
                    ("page", page),
                    ("name", name.to_owned()),
                    ("percent", percent),
                ],
            );
            let text = if warning.message.ends_with(UNRECOGNIZED) {
                text + "文字识别也没有读出内容。"
            } else {
                text
            };
            // A warning about the whole file must not speak of a page without a number.
            if warning.page.is_none() {
                text.replace("第  页", "")
            } else {
                text
            }
        }
        (Tongue::Chinese | Tongue::English, _) => warning.message.clone(),
    }
}

/// The number before the percent sign in a message.
fn percent(message: &str) -> &str {
    let before = message.rsplit_once('%').map_or("", |(before, _)| before);
    let digits = before.trim_end_matches(|character: char| character.is_ascii_digit());
    &before[digits.len()..]
}

/// Arguments are the worker's; one that it did not send is left as an ellipsis.
fn filled(template: &str, arguments: &Map<String, Value>) -> String {
    const NAMES: [&str; 8] = [
        "megapixels",
        "found",
        "detail",
        "pages",
        "limit",
        "seconds",
        "megabytes",
        "minutes",
    ];
    let known = NAMES.map(|name| {
        let text = match arguments.get(name) {
            Some(Value::String(text)) => foreign_format(text).to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => {
                "…".to_owned()
            }
        };
        (name, text)
    });
    fill(template, &known)
}

/// Each says what happened and what to do next.
fn chinese(code: &str) -> Option<&'static str> {
    Some(match code {
        "empty_file" => "文件是空的。请确认原文件已保存或复制完整，再重新添加。",
        "unsupported_kind" => {
            "这是{found}，目前还不能读取。请另存为 PDF、DOCX、HTML、Markdown 或纯文本后再添加。"
        }
        "damaged_file" => {
            "文件已损坏，无法打开（技术细节：{detail}）。请用原来的程序打开，另存一份后再添加。"
        }
        "no_text" => {
            "全部 {pages} 页都没有找到文字。如果是扫描件，请运行 wenyuan doctor 确认已安装文字识别（OCR），并检查原件是否清晰。"
        }
        "garbled_text" => {
            "文件没有说明字体所画的是哪些字，读出来是乱码。请嵌入字体后重新导出，或添加它的扫描件。"
        }
        "password_required" => "文件有密码保护。请给出密码后重试，或去掉密码后再添加。",
        "time_limit" => "读取超过了单个文件 {seconds} 秒的上限。请拆分文件，或调高上限。",
        "recognition_time_limit" => {
            "读取超过了 {seconds} 秒的上限，其中 {pages} 页交给了文字识别（OCR）：每页都会放宽上限，但仍然不够。请拆分文件，或调高上限。"
        }
        "recognizer_missing" => {
            "读取图片需要文字识别模型。请运行 wenyuan models pull pp-ocrv4，并保持设置 ingest.ocr 开启，然后重新添加。"
        }
        "recognition_failed" => {
            "图片无法识别（技术细节：{detail}）。请用 wenyuan models check 检查模型，或另存为其他格式后再添加。"
        }
        "memory_limit" => {
            "读取所需内存超过了单个文件 {megabytes} MB 的上限。请拆分文件，或调高上限。"
        }
        "too_large" => "文件或解压后的内容超过 {megabytes} MB 的上限。请拆分文件，或调高上限。",
        "too_many_pages" => "文件共 {pages} 页，上限是 {limit} 页。请拆分文件，或调高上限。",
        "too_many_entries" => "里面的文件超过 {limit} 个的上限。请拆分，或调高上限。",
        "too_deep" => "压缩包或邮件嵌套超过 {limit} 层的上限。请解压后添加里面的文件。",
        "too_dense" => {
            "文件的一部分解压后超过原大小的 {limit} 倍，与恶意文件相似。如果可信，请解压后添加里面的文件。"
        }
        "too_many_pixels" => "图片超过 {megapixels} 百万像素的上限。请缩小图片，或调高上限。",
        "crashed" => {
            "读取程序在这个文件上出错（技术细节：{detail}），其他文件不受影响。请另存为其他格式后再添加。"
        }
        "cancelled" => "已取消。需要时可以重试。",
        "timed_out" => "处理超时。请重试；如果再次超时，请拆分文件。",
        "embedder_unavailable" => "向量模型无法使用。请运行 wenyuan models check，然后重试。",
        "index_unavailable" => "索引无法使用。请运行 wenyuan doctor，然后重试。",
        "storage_full" => "磁盘已满。请在数据目录所在磁盘腾出空间，然后重试。",
        "catalog_unavailable" => "文档目录无法使用。请检查数据目录所在磁盘，然后重试。",
        _ => return None,
    })
}

fn chinese_warning(code: &str) -> Option<&'static str> {
    Some(match code {
        "page_without_text" => "第 {page} 页没有文字。",
        "page_read_by_ocr" => "第 {page} 页由 OCR 识别，把握 {percent}%。",
        "pictures_read_by_ocr" => "文件里的图片由 OCR 识别，把握 {percent}%。",
        "pictures_unread" => {
            "文件里有图片没有读取。如果图片里有文字，请把文件另存为 PDF 后再添加。"
        }
        "page_unreadable" => "第 {page} 页无法读取，已跳过。",
        "page_incomplete" => "第 {page} 页缺少一部分文字。",
        "member_unreadable" => "里面的文件无法读取：{name}",
        "member_locked" => "里面有文件受密码保护，没有读取。",
        "message_encrypted" => "邮件已加密。请在邮件程序里解密，另存后再添加。",
        "sheet_unreadable" => "有一张工作表没有读完。",
        "formulas_without_results" => {
            "有些公式的结果没有存在文件里，对应的单元格是空的。请用表格软件打开并保存后再添加。"
        }
        "line_unreadable" => "有些行不是有效的 JSON，已跳过。",
        "json_invalid" => "内容不是有效的 JSON，已按纯文本读取。",
        "output_shortened" => "笔记本的部分输出过长，已截短。",
        "quotes_unbalanced" => "有一个引号没有闭合，已按不带引号的表格读取。",
        "undecodable_bytes" => "有些字节无法解码。",
        "page_garbled" | "garbled_page" => "第 {page} 页读出来是乱码，已跳过。",
        _ => return None,
    })
}

/// The reader's names for formats that it knows but cannot read.
fn foreign_format(found: &str) -> &str {
    match found {
        "a gzip archive"
        | "a tar archive"
        | "a 7-Zip archive"
        | "a RAR archive"
        | "an xz archive"
        | "a bzip2 archive"
        | "a Zstandard archive"
        | "a ZIP archive" => "压缩包",
        "a program" => "程序文件",
        "a database" => "数据库文件",
        "an audio file" => "音频文件",
        "an audio or video file" => "音频或视频文件",
        "a PostScript document" => " PostScript 文档",
        "a DjVu document" => " DjVu 文档",
        "an Excel workbook" => " Excel 工作簿",
        "a picture" => "图片",
        "an old Word document (before 97)" => "Word 97 以前的文档",
        "an old Office file" => "旧版 Office 文件",
        "a ZIP archive under the name of a document" => "以文档命名的 ZIP 压缩包",
        "an archive without readable files" => "没有可读文件的压缩包",
        "an OpenDocument drawing or formula" => " OpenDocument 绘图或公式",
        "an Office package without a document" => "没有文档的 Office 文件包",
        "an EPUB book with copy protection" => "有版权保护的 EPUB 电子书",
        "an EPUB book" => " EPUB 电子书",
        "an Office file under a rare kind of encryption" => "用少见方式加密的 Office 文件",
        "a file under a rare kind of encryption" => "用少见方式加密的文件",
        "an OpenDocument file under a password" => "有密码保护的 OpenDocument 文件",
        "an old Word document under a password" => "有密码保护的旧版 Word 文档",
        "an old PowerPoint presentation under a password" => "有密码保护的旧版 PowerPoint 演示文稿",
        "an old Excel workbook under a password" => "有密码保护的旧版 Excel 工作簿",
        "a binary file" => "二进制文件",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_in_the_readers_language_with_its_figures() {
        let mut error = JobError::new("unsupported_kind", "This is an Excel workbook.");
        error
            .args
            .insert("found".to_owned(), "an Excel workbook".into());
        assert!(words(&error, Tongue::Chinese).starts_with("这是 Excel 工作簿，"));
        assert_eq!(words(&error, Tongue::English), "This is an Excel workbook.");
    }

    #[test]
    fn a_wrong_password_is_told_from_a_missing_one() {
        let mut error = JobError::new("password_required", "It is protected.");
        let mut told = |given: bool| {
            error.args.insert("given".to_owned(), given.into());
            words(&error, Tongue::Chinese)
        };
        assert!(told(false).starts_with("文件有密码保护"));
        assert!(told(true).starts_with("密码不对"));
    }

    #[test]
    fn a_page_read_by_ocr_is_told_with_how_sure_that_is() {
        let read = Warning {
            code: "page_read_by_ocr".to_owned(),
            page: Some(3),
            message: "Page 3 was read by OCR, 92% sure.".to_owned(),
        };
        assert_eq!(
            super::warning(&read, Tongue::Chinese),
            "第 3 页由 OCR 识别，把握 92%。"
        );
        assert_eq!(super::warning(&read, Tongue::English), read.message);
    }

    #[test]
    fn an_unknown_failure_keeps_the_words_it_came_with() {
        let error = JobError::new("struck_by_lightning", "It was struck.");
        assert_eq!(words(&error, Tongue::Chinese), "It was struck.");
    }
}
