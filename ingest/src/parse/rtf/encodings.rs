//! The encodings that code pages and fonts name.

use encoding_rs::Encoding;

/// The encoding of a Windows code page.
pub(super) fn code_page(number: i32) -> &'static Encoding {
    match number {
        936 | 54936 => encoding_rs::GB18030,
        950 => encoding_rs::BIG5,
        932 => encoding_rs::SHIFT_JIS,
        949 => encoding_rs::EUC_KR,
        65001 => encoding_rs::UTF_8,
        10000 => encoding_rs::MACINTOSH,
        _ => Encoding::for_label(format!("windows-{number}").as_bytes())
            .unwrap_or(encoding_rs::WINDOWS_1252),
    }
}

/// The encoding of a font's character set; `None` for those that leave it to the document.
pub(super) fn character_set(number: i32) -> Option<&'static Encoding> {
    Some(match number {
        0 => encoding_rs::WINDOWS_1252,
        77 => encoding_rs::MACINTOSH,
        128 => encoding_rs::SHIFT_JIS,
        129 => encoding_rs::EUC_KR,
        134 => encoding_rs::GB18030,
        136 => encoding_rs::BIG5,
        161 => encoding_rs::WINDOWS_1253,
        162 => encoding_rs::WINDOWS_1254,
        163 => encoding_rs::WINDOWS_1258,
        177 => encoding_rs::WINDOWS_1255,
        178 => encoding_rs::WINDOWS_1256,
        186 => encoding_rs::WINDOWS_1257,
        204 => encoding_rs::WINDOWS_1251,
        222 => encoding_rs::WINDOWS_874,
        238 => encoding_rs::WINDOWS_1250,
        _ => return None,
    })
}
