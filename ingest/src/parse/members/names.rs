//! Names of files within files, made safe to show.

use crate::clean::normalize;

/// Longest name, in characters; of longer ones the end is kept.
const LONGEST: usize = 240;

/// A name as it is shown: its folders and its own name, without steps up, drives or characters that cannot be seen.
pub(in crate::parse) fn safe_name(name: &str) -> String {
    let name = normalize(name, false);
    let parts: Vec<&str> = name
        .split(['/', '\\', '\n'])
        .map(str::trim)
        .filter(|part| !matches!(*part, "" | "." | "..") && !is_drive(part))
        .collect();
    let name = parts.join("/");
    let length = name.chars().count();
    if length == 0 {
        "file without a name".to_owned()
    } else if length > LONGEST {
        let end: String = name.chars().skip(length - LONGEST).collect();
        format!("…{end}")
    } else {
        name
    }
}

fn is_drive(part: &str) -> bool {
    let bytes = part.as_bytes();
    bytes.len() == 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_points_out_of_its_archive() {
        assert_eq!(safe_name("../../../etc/密码.txt"), "etc/密码.txt");
        assert_eq!(safe_name("C:\\文件\\..\\a.txt"), "文件/a.txt");
        assert_eq!(safe_name("//server/./b.txt"), "server/b.txt");
        assert_eq!(safe_name("a\u{202e}txt.exe\0"), "atxt.exe");
        assert_eq!(safe_name("../.."), "file without a name");
    }

    #[test]
    fn a_very_long_name_keeps_its_end() {
        let name = safe_name(&format!("{}/合同.docx", "长".repeat(9000)));
        assert_eq!(name.chars().count(), LONGEST + 1);
        assert!(name.ends_with("长/合同.docx"));
    }
}
