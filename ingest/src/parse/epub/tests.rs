use proptest::prelude::*;

use super::read;
use crate::clean::RawDocument;
use crate::parse::members::testing::{outline, read_with, warnings, zip_of};
use crate::{ParseError, ParseLimits};

const CONTAINER: &str = r#"<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/%E4%B9%A6.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"#;

const OPF: &str = r#"<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">
<dc:title>养蜂 &amp; 采蜜</dc:title><dc:title>副题</dc:title>
<dc:creator>王小明</dc:creator><dc:creator>李华</dc:creator>
<dc:date opf:event="conversion">2023-02-26T09:19:44Z</dc:date><dc:date opf:event="publication">2019-08-23</dc:date>
<meta property="dcterms:modified">2024-05-06T00:00:00Z</meta></metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="one" href="text/%E4%B8%80.xhtml" media-type="application/xhtml+xml"/>
<item id="two" href="text/two.xhtml" media-type="application/xhtml+xml"/>
<item id="list" href="list.xhtml" media-type="application/xhtml+xml"/>
<item id="cover" href="cover.jpg" media-type="image/jpeg"/>
</manifest>
<spine><itemref idref="cover"/><itemref idref="nav"/><itemref idref="list"/><itemref idref="one"/><itemref idref="two" linear="no"/><itemref idref="one"/></spine>
</package>"#;

const NAV: &str = r#"<html xmlns:epub="http://www.idpf.org/2007/ops"><body>
<nav epub:type="toc"><ol><li><a href="text/%E4%B8%80.xhtml">第一章 蜂箱</a></li><li><a href="text/two.xhtml#top">第二章 <b>采蜜</b></a></li></ol></nav>
<nav epub:type="landmarks"><a href="text/two.xhtml">landmark</a></nav></body></html>"#;

const LIST: &str = r#"<html><body><h1>目录</h1><p><a href="text/%E4%B8%80.xhtml">第一章 蜂箱</a></p><p><a href="text/two.xhtml">第二章 采蜜</a></p></body></html>"#;

const ONE: &str = r##"<?xml version="1.0"?><html xmlns:epub="http://www.idpf.org/2007/ops"><head><title/><style>p { color: red }</style><script src="a.js"/></head>
<body><h1>第一章　蜂箱</h1><p><a id="p1"/>蜂箱应当朝南<a epub:type="noteref" href="#n1">1</a>。</p><ul><li>一只蜂王</li><li>三千只工蜂</li></ul>
<aside epub:type="footnote" id="n1"><p>北方可朝东南。</p></aside></body></html>"##;

const TWO: &str = "<html><body><p>第二章 采蜜</p><p>每年采两次。</p></body></html>";

fn parts() -> Vec<(&'static str, String)> {
    [
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", CONTAINER),
        ("OEBPS/书.opf", OPF),
        ("OEBPS/nav.xhtml", NAV),
        ("OEBPS/list.xhtml", LIST),
        ("OEBPS/text/一.xhtml", ONE),
        ("OEBPS/text/two.xhtml", TWO),
    ]
    .map(|(name, text)| (name, text.to_owned()))
    .to_vec()
}

fn book(parts: &[(&str, String)]) -> Result<RawDocument, ParseError> {
    read_with(&zip_of(parts), &ParseLimits::default(), None, read)
}

#[test]
fn a_chinese_book_is_read_in_order_with_notes_and_without_its_contents_pages() {
    let document = book(&parts()).expect("is read");
    assert_eq!(
        outline(&document),
        "# 第一章　蜂箱\n蜂箱应当朝南1。\n- 一只蜂王\n- 三千只工蜂\n北方可朝东南。\n# 第二章 采蜜\n每年采两次。"
    );
    assert_eq!(document.title.as_deref(), Some("养蜂 & 采蜜"));
    assert_eq!(document.details.author.as_deref(), Some("王小明, 李华"));
    assert_eq!(document.details.created.as_deref(), Some("2019-08-23"));
    assert_eq!(document.details.modified.as_deref(), Some("2024-05-06"));
    assert_eq!(document.warnings, []);
}

#[test]
fn a_missing_chapter_is_a_warning() {
    let mut parts = parts();
    parts.retain(|(name, _)| !name.ends_with("一.xhtml"));
    let document = book(&parts).expect("is read");
    assert_eq!(outline(&document), "# 第二章 采蜜\n每年采两次。");
    assert!(warnings(&document).contains("OEBPS/text/一.xhtml"));
}

#[test]
fn a_chapter_without_a_title_takes_it_from_the_contents() {
    let mut parts = parts();
    parts[6].1 = "<html><body><p>每年采两次。</p></body></html>".to_owned();
    let document = book(&parts).expect("is read");
    assert!(outline(&document).ends_with("# 第二章 采蜜\n每年采两次。"));
}

#[test]
fn the_contents_of_an_old_book_name_its_chapters() {
    let mut parts = parts();
    parts[2].1 = OPF
        .replace(
            r#"<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>"#,
            r#"<item id="nav" href="toc.ncx" media-type="application/x-dtbncx+xml"/>"#,
        )
        .replace("<itemref idref=\"nav\"/>", "");
    parts[3] = (
        "OEBPS/toc.ncx",
        r#"<ncx><navMap><navPoint><navLabel><text>采蜜 &#38; 分装</text></navLabel><content src="text/two.xhtml"/></navPoint></navMap></ncx>"#.to_owned(),
    );
    parts[6].1 = "<html><body><p>每年采两次。</p></body></html>".to_owned();
    let document = book(&parts).expect("is read");
    assert!(outline(&document).ends_with("# 采蜜 & 分装\n每年采两次。"));
}

#[test]
fn copy_protection_is_told_from_mangled_fonts() {
    let with = |algorithm: &str, uri: &str| {
        let mut parts = parts();
        parts.push(("META-INF/encryption.xml", format!(
            r#"<encryption><enc:EncryptedData><enc:EncryptionMethod Algorithm="{algorithm}"/><ds:KeyInfo/><enc:CipherData><enc:CipherReference URI="{uri}"/></enc:CipherData></enc:EncryptedData></encryption>"#
        )));
        book(&parts)
    };
    let aes = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
    let error = with(aes, "OEBPS/text/%E4%B8%80.xhtml").expect_err("is protected");
    assert!(error.to_string().contains("copy protection"), "{error}");
    assert!(with(aes, "OEBPS/picture.jpg").is_ok());
    assert!(with("http://www.idpf.org/2008/embedding", "OEBPS/text/two.xhtml").is_ok());
}

#[test]
fn references_out_of_the_book_are_not_followed() {
    let mut parts = parts();
    parts[2].1 = OPF.replace("text/two.xhtml", "../../../etc/passwd");
    let document = book(&parts).expect("is read");
    assert!(outline(&document).starts_with("# 第一章"));
    assert!(warnings(&document).contains("two"));
}

#[test]
fn a_book_without_its_package_or_chapters_is_damaged() {
    let all = parts();
    let code = |parts: &[(&str, String)]| book(parts).expect_err("is damaged").code();
    assert_eq!(code(&all[..1]), "damaged_file");
    assert_eq!(code(&all[..2]), "damaged_file");
    assert_eq!(code(&all[..3]), "damaged_file");
}

#[test]
fn a_chapter_that_grows_without_end_is_refused() {
    let mut parts = parts();
    parts[6].1 = " ".repeat(64 << 20);
    assert_eq!(book(&parts).expect_err("is a bomb").code(), "too_dense");
}

proptest! {
    #[test]
    fn damaged_parts_never_panic(part in 1_usize..7, at in 0_usize..2000, junk in "[<>/\"&\\PC]{0,6}") {
        let mut parts = parts();
        let text: Vec<char> = parts[part].1.chars().collect();
        let at = at % text.len();
        parts[part].1 = text[..at].iter().chain(junk.chars().collect::<Vec<_>>().iter()).chain(&text[(at + 1).min(text.len())..]).collect();
        let _ = book(&parts);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_with(&bytes, &ParseLimits::default(), None, read);
    }
}
