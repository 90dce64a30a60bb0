//! Which of our two languages a person reads, from `Accept-Language`.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// A language that messages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tongue {
    /// Chinese.
    Chinese,
    /// English, also for everybody who reads neither.
    #[default]
    English,
}

impl Tongue {
    /// The language with the highest weight; the first one on a tie.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut best: Option<(Self, f32)> = None;
        for value in headers.get_all(ACCEPT_LANGUAGE) {
            let Ok(text) = value.to_str() else { continue };
            for (tongue, weight) in text.split(',').filter_map(range) {
                if best.is_none_or(|(_, most)| weight > most) {
                    best = Some((tongue, weight));
                }
            }
        }
        best.map(|(tongue, _)| tongue).unwrap_or_default()
    }

    /// The tag for `Content-Language`.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }
}

/// One language range with its weight, if it is ours and wanted at all.
fn range(text: &str) -> Option<(Tongue, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next()?.to_ascii_lowercase();
    let tongue = match tag.split('-').next()? {
        "zh" | "cmn" | "yue" => Tongue::Chinese,
        "en" => Tongue::English,
        _ => return None,
    };
    let weight = parts
        .filter_map(|part| part.strip_prefix("q="))
        .find_map(|number| number.trim().parse::<f32>().ok())
        .unwrap_or(1.0);
    (weight > 0.0).then_some((tongue, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tongue(accept: &str) -> Tongue {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, accept.parse().expect("a header value"));
        Tongue::of(&headers)
    }

    #[test]
    fn weights_decide_and_order_breaks_ties() {
        assert_eq!(tongue("zh-CN,zh;q=0.9,en;q=0.8"), Tongue::Chinese);
        assert_eq!(tongue("en;q=0.4, zh-Hant-TW;q=0.7"), Tongue::Chinese);
        assert_eq!(tongue("zh;q=0.3, en-GB"), Tongue::English);
        assert_eq!(tongue("en, zh"), Tongue::English);
        assert_eq!(tongue("zh;q=0, *"), Tongue::English);
        assert_eq!(tongue("fr-FR, de;q=0.9, zh;q=0.1"), Tongue::Chinese);
        assert_eq!(tongue("garbage;;;q=x,,"), Tongue::English);
    }

    #[test]
    fn nobody_asking_gets_english() {
        assert_eq!(Tongue::of(&HeaderMap::new()), Tongue::English);
    }
}
