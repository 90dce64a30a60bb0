use proptest::prelude::*;

use super::{looks_like, read};
use crate::clean::RawDocument;
use crate::parse::members::testing::{outline, read_with, warnings, zip_of};
use crate::{Kind, ParseError, ParseLimits, detect};

fn opened(bytes: &[u8]) -> Result<RawDocument, ParseError> {
    read_with(bytes, &ParseLimits::default(), None, read)
}

fn mail(text: &str) -> RawDocument {
    opened(text.replace('\n', "\r\n").as_bytes()).expect("is read")
}

#[test]
fn a_chinese_message_shows_its_head_and_its_text() {
    let document = mail(
        "From: \"=?GB2312?B?1cXI/Q==?=\" <zhang@example.cn>\nTo: =?utf-8?B?5p2O5Zub?= <li@example.cn>,\n wang@example.cn\n\
         Cc: =?gbk?Q?=CD=F5=CE=E5?= <wu@example.cn>\nSubject: =?utf-8?B?5YWz5LqO5bm05YGH55qE?=\n =?utf-8?B?6YCa55+l?=\n\
         Date: Mon, 4 Mar 2024 09:30:00 +0800\nMIME-Version: 1.0\nContent-Type: text/plain; charset=gb2312\n\
         Content-Transfer-Encoding: base64\n\nxOq82cqu\nzOyhow==\n",
    );
    assert_eq!(
        outline(&document),
        "# 关于年假的通知\nFrom: 张三 <zhang@example.cn>\nTo: 李四 <li@example.cn>, wang@example.cn\nCc: 王五 <wu@example.cn>\nDate: 2024-03-04 09:30 +0800\n年假十天。"
    );
    assert_eq!(document.kind, Kind::Email);
    assert_eq!(document.title.as_deref(), Some("关于年假的通知"));
    assert_eq!(document.details.author.as_deref(), Some("张三"));
    assert_eq!(document.details.created.as_deref(), Some("2024-03-04"));
    assert_eq!(document.pages, 0);
}

#[test]
fn headers_in_plain_gbk_and_words_cut_in_two_are_decoded() {
    let (subject, ..) = encoding_rs::GBK.encode("Subject: 会议纪要整理完毕请各位领导审阅\n");
    let mut bytes = b"From: =?GBK?B?1cU=?= =?GBK?B?yP0=?= <z@example.cn>\n".to_vec();
    bytes.extend_from_slice(&subject);
    bytes.extend_from_slice("To: a@example.cn\n\n正文在此。\n".as_bytes());
    let text = outline(&opened(&bytes).expect("is read"));
    assert!(
        text.starts_with("# 会议纪要整理完毕请各位领导审阅\nFrom: 张三 <z@example.cn>"),
        "{text}"
    );
    assert!(text.ends_with("正文在此。"), "{text}");
}

#[test]
fn of_two_forms_of_a_text_one_is_read() {
    let with = |plain: &str| {
        outline(&mail(&format!(
            "Subject: 家庭日\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=\"b 1\"\n\nPreamble\n\
             --b 1\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n--b 1\nContent-Type: text/html; charset=utf-8\n\
             Content-Transfer-Encoding: quoted-printable\n\n<style>p {{}}</style><h1>=E5=AE=B6=E5=BA=AD=E6=97=A5</h1><p>=E5=91=A8=\n=E5=85=AD=E4=B8=BE=E8=A1=8C=E3=80=82</p>\n--b 1--\nEpilogue\n"
        )))
    };
    assert_eq!(
        with("家庭日周六举行，纯文本。"),
        "# 家庭日\n家庭日周六举行，纯文本。"
    );
    // A plain part that only sends people to the other one is none.
    assert_eq!(with("无"), "# 家庭日\n## 家庭日\n周六举行。");
}

/// A message with these parts, each with its headers.
fn with_parts(parts: &[&str]) -> String {
    let mut text =
        "Subject: 附件\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b1\n\n"
            .to_owned();
    for part in parts {
        text.extend(["--b1\n", part, "\n"]);
    }
    text + "--b1--\n"
}

#[test]
fn what_is_attached_becomes_sections_of_its_names() {
    let document = mail(&with_parts(&[
        "Content-Type: text/plain; charset=utf-8\n\n请看附件。",
        "Content-Type: application/octet-stream; name=\"=?GBK?B?1sa2yC5tZA==?=\"\nContent-Disposition: attachment; filename=\"=?GBK?B?1sa2yC5tZA==?=\"\nContent-Transfer-Encoding: base64\n\nIyDor7flgYcKCuWPr+S7peOAggo=",
        "Content-Type: text/plain; charset=gb2312\nContent-Disposition: attachment;\n filename*0*=UTF-8''%E8%AF%B4;\n filename*1*=%E6%98%8E.txt\nContent-Transfer-Encoding: base64\n\nxOq82cquzOyhow==",
        "Content-Type: application/x-msdownload; name=\"../a.exe\"\nContent-Transfer-Encoding: base64\n\nTVqQAHJ1YmJpc2g=",
        "Content-Type: image/png\nContent-ID: <logo@x>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgpydWJiaXNo",
        "Content-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN PGP SIGNATURE-----",
    ]));
    assert_eq!(
        outline(&document),
        "# 附件\n请看附件。\n## 制度.md\n### 请假\n可以。\n## 说明.txt\n年假十天。"
    );
    assert_eq!(document.warnings.len(), 1, "{:?}", document.warnings);
    assert!(warnings(&document).starts_with("a.exe: "));
}

#[test]
fn a_media_type_as_long_as_a_page_makes_no_warning_as_long() {
    let document = mail(&with_parts(&[
        "Content-Type: text/plain; charset=utf-8\n\n请看附件。",
        &format!(
            "Content-Type: application/{}\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nTVqQAHJ1YmJpc2g=",
            "pe".repeat(900)
        ),
    ]));
    let message = warnings(&document);
    assert!(
        message.starts_with("attachment 1 (application/pepe"),
        "{message}"
    );
    assert!(message.chars().count() < 400, "{message}");
}

#[test]
fn a_forwarded_message_is_read_as_a_section() {
    let inner = with_parts(&["Content-Type: text/plain; charset=utf-8\n\n里面的文字。"])
        .replace("b1", "b2");
    let document = mail(&with_parts(&[
        "Content-Type: text/html; charset=utf-8\n\n<p>转发如下：</p>",
        &format!("Content-Type: message/rfc822; name=\"原信.eml\"\n\n{inner}"),
    ]));
    assert_eq!(
        outline(&document),
        "# 附件\n转发如下：\n## 原信.eml\n### 附件\n里面的文字。"
    );
}

#[test]
fn messages_in_messages_end_at_the_limit() {
    let nested = (0..6).fold("Subject: 最里\n\n文字\n".to_owned(), |inner, level| {
        format!("Subject: {level}\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n{inner}")
    });
    assert_eq!(
        opened(nested.as_bytes()).expect_err("is too deep"),
        ParseError::TooDeep { limit: 4 }
    );
}

#[test]
fn parts_in_parts_without_end_are_refused() {
    let mut text = "Subject: x\nMIME-Version: 1.0\n".to_owned();
    for level in 0..5000 {
        let part = format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
        text.push_str(&part);
    }
    let begun = std::time::Instant::now();
    assert_eq!(
        opened(text.as_bytes()).expect_err("has no end").code(),
        "damaged_file"
    );
    let many = with_parts(&vec!["Content-Type: text/plain\n\nx"; 30_000]);
    assert_eq!(
        opened(many.as_bytes()).expect_err("are too many").code(),
        "too_many_entries"
    );
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn an_archive_attached_counts_against_the_same_budget() {
    let archive = zip_of(&[("大.txt", "文字".repeat(40_000))]);
    let mut bytes =
        b"Subject: x\nFrom: a@example.org\nContent-Type: application/zip; name=a.zip\n\n".to_vec();
    bytes.extend(archive);
    let limits = ParseLimits {
        content_bytes: 100_000,
        ..ParseLimits::default()
    };
    assert!(opened(&bytes).is_ok());
    let error = read_with(&bytes, &limits, None, read).expect_err("is too large");
    assert_eq!(error.code(), "too_large");
}

#[test]
fn a_mailbox_is_read_message_by_message() {
    let document = mail(
        "From a@example.cn Mon Mar  4 09:30:00 2024\nFrom: 张三 <a@example.cn>\nSubject: 第一封\nDate: Mon, 4 Mar 2024 09:30:00 +0800\n\n正文一。\n>From now on.\n\nFrom the start\nit was prose.\n\n\
         From b@example.cn Tue Mar  5 10:00:00 2024\nFrom: b@example.cn\nDate: Tue, 5 Mar 2024 10:00:00 +0800\nContent-Type: text/html\n\n<h1>标题</h1><p>正文二。</p>\n",
    );
    assert_eq!(
        outline(&document),
        "# 第一封 (2024-03-04)\nFrom: 张三 <a@example.cn>\nDate: 2024-03-04 09:30 +0800\n正文一。\nFrom now on.\nFrom the start\nit was prose.\n\
         # (no subject) (2024-03-05)\nFrom: b@example.cn\nDate: 2024-03-05 10:00 +0800\n## 标题\n正文二。"
    );
    assert_eq!(document.title.as_deref(), Some("资料"));
}

#[test]
fn an_encrypted_message_says_so() {
    let document = mail(
        "Subject: 机密\nContent-Type: multipart/encrypted; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b--\n",
    );
    assert_eq!(outline(&document), "# 机密");
    assert!(warnings(&document).contains("encrypted"));
}

#[test]
fn mail_is_detected_by_its_bytes() {
    let text = "From: 张三 <z@example.cn>\nSubject: 会议\n\n<html>不是网页</html>";
    assert_eq!(detect(text.as_bytes(), "信"), Ok(Kind::Email));
    assert!(looks_like(text, "信"));
    assert_eq!(
        detect("From: 甲\nTo: 乙\n\n你好".as_bytes(), "信.txt"),
        Ok(Kind::Text)
    );
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = opened(&bytes);
    }

    #[test]
    fn arbitrary_parts_never_panic(text in "(--b1|\n|\r\n|Content-Type: (multipart/mixed|text/html|message/rfc822); boundary=b1|From |Subject: |=\\?gbk\\?B\\?|Content-Transfer-Encoding: (base64|quoted-printable)|charset=|=|\\PC){0,60}") {
        let _ = opened(text.as_bytes());
        let _ = opened(with_parts(&[&text]).as_bytes());
    }
}
