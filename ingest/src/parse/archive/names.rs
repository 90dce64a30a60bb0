//! The names of the files in an archive: decoded from whatever encoding they were packed with, and made safe to show.

use std::io::Cursor;

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, SHIFT_JIS};

use crate::decode::decode;
use crate::parse::members::safe_name;

type Archive<'a> = zip::ZipArchive<Cursor<&'a [u8]>>;

/// The files worth reading, in the order of their names: no folders, links, or what systems leave behind.
pub(super) fn listing(archive: &Archive<'_>) -> Vec<(String, usize)> {
    let encoding = encoding_of(archive);
    let mut files: Vec<(String, usize)> = (0..archive.len())
        .filter_map(|index| {
            let entry = archive.by_index_data(index).ok()?;
            if entry.is_symlink() {
                return None;
            }
            let raw = entry.name_raw();
            let name = match (std::str::from_utf8(raw), encoding) {
                (Ok(name), _) => name.to_owned(),
                (Err(_), Some(encoding)) => {
                    encoding.decode_without_bom_handling(raw).0.into_owned()
                }
                // The crate reads them as code page 437, as the format's specification says.
                (Err(_), None) => entry.name().map_or_else(
                    |_| String::from_utf8_lossy(raw).into_owned(),
                    std::borrow::Cow::into_owned,
                ),
            };
            let folder = name.ends_with(['/', '\\']);
            let name = safe_name(&name);
            (!folder && !is_left_behind(&name)).then_some((name, index))
        })
        .collect();
    files.sort();
    files
}

/// The East Asian encoding that the names without the mark of UTF-8 share, as far as they show one.
fn encoding_of(archive: &Archive<'_>) -> Option<&'static Encoding> {
    let foreign: Vec<&[u8]> = archive
        .file_names_raw()
        .filter(|raw| std::str::from_utf8(raw).is_err())
        .collect();
    let together = foreign.join(&b'\n');
    let decoded = decode(&together, false).ok()?;
    let encoding = Encoding::for_label(decoded.encoding.as_bytes())?;
    [GB18030, BIG5, EUC_KR, SHIFT_JIS, EUC_JP]
        .contains(&encoding)
        .then_some(encoding)
}

/// Files that a system puts into archives for itself.
fn is_left_behind(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    name.starts_with("__MACOSX/")
        || name.contains("/__MACOSX/")
        || file.starts_with("._")
        || [".ds_store", "thumbs.db", "desktop.ini"].contains(&file.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systems_leave_behind_is_known() {
        for name in ["__MACOSX/a/._b.docx", "图片/Thumbs.db", ".DS_Store"] {
            assert!(is_left_behind(name), "{name}");
        }
        assert!(!is_left_behind("a/thumbs.docx"));
    }
}
