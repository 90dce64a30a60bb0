//! Which language the command line speaks: the terminal's, Chinese or English.

use std::io::ErrorKind;
use std::sync::OnceLock;

use crate::http::Tongue;

/// Whether messages are in Chinese: `LC_ALL`, else `LC_MESSAGES`, else `LANG` begins with `zh`.
#[must_use]
pub(crate) fn chinese() -> bool {
    static CHINESE: OnceLock<bool> = OnceLock::new();
    *CHINESE.get_or_init(|| {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
            .is_some_and(|value| value.to_lowercase().starts_with("zh"))
    })
}

/// The same for words that the HTTP interface has too.
pub(crate) fn tongue() -> Tongue {
    if chinese() {
        Tongue::Chinese
    } else {
        Tongue::English
    }
}

/// Why a file could not be looked at.
pub(crate) fn unreadable(error: &std::io::Error) -> String {
    let known = if error.kind() == ErrorKind::NotFound {
        say("there is no such file or folder", "没有这个文件或文件夹")
    } else if error.kind() == ErrorKind::PermissionDenied {
        say("it may not be read: permission denied", "没有读取它的权限")
    } else {
        return error.to_string();
    };
    known.to_owned()
}

/// The text in the terminal's language.
#[must_use]
pub(crate) fn say<'a>(english: &'a str, chinese_text: &'a str) -> &'a str {
    if chinese() { chinese_text } else { english }
}
