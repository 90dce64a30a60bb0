use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::unstable::write::FileOptionsExt;
use zip::write::SimpleFileOptions;

use super::read;
use crate::clean::RawDocument;
use crate::parse::members::testing::{outline, read_with, warnings, zip_of};
use crate::{ParseError, ParseLimits};

fn opened(bytes: &[u8]) -> Result<RawDocument, ParseError> {
    read_with(bytes, &ParseLimits::default(), None, read)
}

/// A stored file with a name in any encoding, as old archivers wrote them.
fn stored(name: &[u8], content: &[u8], method: u16) -> Vec<u8> {
    let crc = content.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    });
    let mut common = vec![20, 0, 0, 0];
    common.extend(method.to_le_bytes());
    common.extend([0; 4]);
    common.extend((!crc).to_le_bytes());
    common.extend((content.len() as u32).to_le_bytes());
    common.extend((content.len() as u32).to_le_bytes());
    common.extend((name.len() as u16).to_le_bytes());
    common.extend([0, 0]);
    let local = [b"PK\x03\x04", common.as_slice(), name, content].concat();
    let central = [b"PK\x01\x02\x14\0", common.as_slice(), &[0; 14], name].concat();
    let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
    end.extend((central.len() as u32).to_le_bytes());
    end.extend((local.len() as u32).to_le_bytes());
    end.extend([0, 0]);
    [local, central, end].concat()
}

fn locked(files: &[(&str, &str)], open: &[(&str, &str)], aes: bool) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let plain = SimpleFileOptions::default();
    let closed = if aes {
        plain.with_aes_encryption(zip::AesMode::Aes256, "密码123")
    } else {
        plain
            .with_deprecated_encryption("密码123".as_bytes())
            .expect("a password")
    };
    for (names, options) in [(files, closed), (open, plain)] {
        for (name, text) in names {
            writer.start_file(*name, options).expect("starts");
            writer.write_all(text.as_bytes()).expect("is written");
        }
    }
    writer.finish().expect("ends").into_inner()
}

#[test]
fn files_become_sections_in_the_order_of_their_names() {
    let inner = zip_of(&[("附录.md", "# 附录\n\n电话表。")]);
    let files: [(&str, &[u8]); 5] = [
        ("制度/请假.txt", "员工请假须提前三天。".as_bytes()),
        ("__MACOSX/制度/._请假.txt", b"rubbish"),
        ("制度/.DS_Store", b"rubbish"),
        ("制度/补充.zip", &inner),
        ("a.md", b"# Leave\n\nAsk first."),
    ];
    let document = opened(&zip_of(&files)).expect("is read");
    assert_eq!(
        outline(&document),
        "# a.md\n## Leave\nAsk first.\n# 制度/补充.zip\n## 附录.md\n### 附录\n电话表。\n# 制度/请假.txt\n员工请假须提前三天。"
    );
    assert_eq!(document.warnings, []);
    assert_eq!(document.title.as_deref(), Some("资料"));
}

#[test]
fn names_packed_on_east_asian_systems_are_decoded() {
    for (encoding, name) in [
        (encoding_rs::GB18030, "审计压缩包文件检索测试/制度汇编.txt"),
        (encoding_rs::SHIFT_JIS, "会議の議事録ファイル.txt"),
        (encoding_rs::BIG5, "員工請假管理規定.txt"),
    ] {
        let (raw, ..) = encoding.encode(name);
        let document = opened(&stored(&raw, "内容在此。".as_bytes(), 0)).expect("is read");
        assert_eq!(outline(&document), format!("# {name}\n内容在此。"));
    }
    // Code page 437, as the format's specification says.
    let document = opened(&stored(b"caf\x82.txt", b"A cup.", 0)).expect("is read");
    assert_eq!(outline(&document), "# café.txt\nA cup.");
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_read() {
    let files: [(&str, &[u8]); 4] = [
        ("程序.exe", b"MZ\x90\0rubbish"),
        ("坏.docx", b"PK\x03\x04rubbish"),
        ("空.txt", b""),
        ("好.txt", "可以读。".as_bytes()),
    ];
    let document = opened(&zip_of(&files)).expect("is read");
    assert_eq!(outline(&document), "# 好.txt\n可以读。");
    let said = warnings(&document);
    for name in ["程序.exe: ", "坏.docx: ", "空.txt: "] {
        assert!(said.contains(name), "{said}");
    }
}

#[test]
fn an_archive_without_readable_files_says_so() {
    let programs = zip_of(&[("a.exe", b"MZ\x90\0"), ("b.exe", b"MZ\x90\0")]);
    assert_eq!(
        opened(&programs).expect_err("holds no document"),
        ParseError::unsupported("an archive without readable files")
    );
    let folders = zip_of(&[("__MACOSX/._a.txt", "x")]);
    assert_eq!(
        opened(&folders).expect_err("holds nothing").code(),
        "unsupported_kind"
    );
    let single = zip_of(&[("坏.docx", "PK\u{3}\u{4}")]);
    assert_eq!(
        opened(&single).expect_err("is damaged").code(),
        "damaged_file"
    );
    let blank = zip_of(&[("a.html", "<html><p> </p></html>"), ("b.exe", "MZ\u{90}\0")]);
    assert_eq!(opened(&blank).expect_err("no text").code(), "no_text");
}

#[test]
fn of_empty_files_the_names_are_read() {
    let files = [("制度/请假.doc", ""), ("制度/考勤.doc", "")];
    let document = opened(&zip_of(&files)).expect("has names");
    assert_eq!(outline(&document), "- 制度/考勤.doc\n- 制度/请假.doc");
    assert_eq!(document.warnings.len(), 2);
}

#[test]
fn a_password_opens_what_it_fits_and_nothing_else() {
    for aes in [false, true] {
        let all = locked(&[("机密.txt", "年度预算三百万元。")], &[], aes);
        assert_eq!(
            opened(&all).expect_err("is locked"),
            ParseError::PasswordRequired { given: false }
        );
        let limits = ParseLimits::default();
        assert_eq!(
            read_with(&all, &limits, Some("错误"), read).expect_err("is locked"),
            ParseError::PasswordRequired { given: true }
        );
        let document = read_with(&all, &limits, Some("密码123"), read).expect("opens");
        assert_eq!(outline(&document), "# 机密.txt\n年度预算三百万元。");
    }
}

#[test]
fn locked_files_among_open_ones_are_named() {
    let mixed = locked(
        &[("机密.txt", "预算。")],
        &[("公开.txt", "公告全文。")],
        true,
    );
    let document = opened(&mixed).expect("is read");
    assert_eq!(outline(&document), "# 公开.txt\n公告全文。");
    assert!(warnings(&document).contains("机密.txt"));
}

#[test]
fn an_unknown_packing_method_is_named() {
    let zstandard = stored("数据.txt".as_bytes(), b"rubbish", 93);
    let error = opened(&zstandard).expect_err("cannot be unpacked");
    assert!(error.to_string().contains("Zstandard"), "{error}");
}

#[test]
fn archives_in_archives_end_at_the_limit() {
    let nested = |times: usize| {
        (0..times).fold(
            "最里面的文字。".as_bytes().to_vec(),
            |inner, level| {
                let name = if level == 0 { "内.txt" } else { "内.zip" };
                zip_of(&[(name, inner)])
            },
        )
    };
    let document = opened(&nested(4)).expect("is within the limit");
    assert!(outline(&document).ends_with("最里面的文字。"));
    assert_eq!(
        opened(&nested(5)).expect_err("is too deep"),
        ParseError::TooDeep { limit: 4 }
    );
}

#[test]
fn a_bomb_does_not_unpack() {
    let zeros = zip_of(&[("zeros.txt", vec![0_u8; 64 << 20])]);
    assert_eq!(opened(&zeros).expect_err("is a bomb").code(), "too_dense");
}

#[test]
fn one_budget_holds_for_all_members_at_all_depths() {
    let limits = ParseLimits {
        content_bytes: 100_000,
        ..ParseLimits::default()
    };
    let text = "一二三四五六七八九十。\n\n".repeat(1000);
    let inner = zip_of(&[("文.txt", &text)]);
    let of = |count: usize| {
        let files: Vec<(String, &Vec<u8>)> = (0..count)
            .map(|index| (format!("{index}.zip"), &inner))
            .collect();
        read_with(&zip_of(&files), &limits, None, read)
    };
    assert!(of(2).is_ok());
    assert_eq!(of(3).expect_err("is too large").code(), "too_large");
}

#[test]
fn what_packages_in_an_archive_unpack_to_counts_too() {
    let limits = ParseLimits {
        content_bytes: 100_000,
        ..ParseLimits::default()
    };
    let package = zip_of(&[
        ("mimetype", "application/epub+zip".to_owned()),
        ("filler.xml", " ".repeat(60_000)),
    ]);
    let of = |count: usize| {
        let mut files: Vec<(String, &[u8])> = (0..count)
            .map(|index| (format!("{index}.epub"), package.as_slice()))
            .collect();
        files.push(("读.txt".to_owned(), "文字。".as_bytes()));
        read_with(&zip_of(&files), &limits, None, read)
    };
    assert!(of(1).is_ok());
    assert_eq!(of(2).expect_err("is too large").code(), "too_large");
}

#[test]
fn many_files_are_read_fast_and_too_many_are_refused() {
    let files: Vec<(String, &str)> = (0..30_000)
        .map(|index| (format!("{index}.txt"), "条目。"))
        .collect();
    assert_eq!(
        opened(&zip_of(&files)).expect_err("are too many"),
        ParseError::TooManyEntries { limit: 20_000 }
    );
    let begun = std::time::Instant::now();
    let document = opened(&zip_of(&files[..15_000])).expect("is read");
    assert_eq!(document.blocks.len(), 30_000);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn a_flood_of_warnings_is_counted() {
    let files: Vec<(String, &[u8])> = (0..200)
        .map(|index| (format!("{index}.exe"), &b"MZ\x90\0"[..]))
        .chain([("读.txt".to_owned(), "文字。".as_bytes())])
        .collect();
    let document = opened(&zip_of(&files)).expect("is read");
    assert_eq!(document.warnings.len(), 51);
    assert!(warnings(&document).ends_with("And 150 more like the 50 above."));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = opened(&bytes);
    }

    #[test]
    fn a_changed_archive_never_panics(at in 0_usize..400, byte in any::<u8>(), cut in 0_usize..400) {
        let mut bytes = zip_of(&[("甲.txt", "正文一。"), ("乙/丙.html", "<p>正文二。")]);
        let length = bytes.len();
        bytes[at % length] = byte;
        bytes.truncate(length - cut.min(length) / 8);
        let _ = opened(&bytes);
    }
}
