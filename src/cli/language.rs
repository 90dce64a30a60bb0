//! Which language the command line speaks: the terminal's, Chinese or English.

use std::sync::OnceLock;

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

/// The text in the terminal's language.
#[must_use]
pub(crate) fn say<'a>(english: &'a str, chinese_text: &'a str) -> &'a str {
    if chinese() { chinese_text } else { english }
}
