//! Tells messages from prose that begins like one.

/// Headers that nearly every message has.
const KNOWN: [&str; 11] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "received",
    "mime-version",
    "return-path",
    "delivered-to",
    "reply-to",
    "content-type",
];

/// Headers that people do not write by hand.
const MADE: [&str; 6] = [
    "message-id",
    "received",
    "mime-version",
    "return-path",
    "delivered-to",
    "content-type",
];

/// Whether the beginning of a text is the head of a message or of a mailbox.
///
/// All lines up to the first empty one must be headers, two of them well known. A letter may begin with `From:` and
/// `Date:` too, so one of them must be of a kind that programs write, unless the name says that it is mail.
pub(crate) fn looks_like(text: &str, name: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let head = match text.strip_prefix("From ") {
        Some(rest) => rest.split_once('\n').map_or("", |(_, head)| head),
        None => text,
    };
    let mut known: Vec<&str> = Vec::new();
    let mut made = false;
    let mut lines = head.lines().peekable();
    let mut first = true;
    while let Some(line) = lines.next() {
        if line.trim().is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) {
            if first {
                return false;
            }
            continue;
        }
        first = false;
        let Some((field, value)) = header(line) else {
            // The text may have been cut inside its last line.
            if lines.peek().is_none() && !known.is_empty() {
                break;
            }
            return false;
        };
        if let Some(&field) = KNOWN.iter().find(|known| field.eq_ignore_ascii_case(known))
            && !known.contains(&field)
        {
            known.push(field);
            made |= MADE.contains(&field)
                || field == "from" && has_address(value)
                || field == "date" && mail_parser::DateTime::parse_rfc822(value.trim()).is_some();
        }
    }
    known.len() >= 2 && (made || is_mail_name(name))
}

/// A header's name and value: RFC 5322 allows printable ASCII without colons in the name.
pub(super) fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim_end_matches([' ', '\t']);
    let fits = !name.is_empty() && name.len() <= 76 && name.bytes().all(|b| b.is_ascii_graphic());
    fits.then_some((name, value))
}

/// Whether a value ends with an address in angle brackets, or is one.
fn has_address(value: &str) -> bool {
    let value = value.trim();
    let address = match value.strip_suffix('>') {
        Some(rest) => rest.rsplit_once('<').map_or("", |(_, address)| address),
        None => value,
    };
    address
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains(' '))
}

fn is_mail_name(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default();
    ["eml", "mbox", "mbx", "mht", "mhtml"]
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn heads_of_messages_and_mailboxes_are_known() {
        for text in [
            "From: 张三 <zhang@example.cn>\nSubject: 会议\n\n正文",
            "Received: from a\n\tby b\r\nDate: Mon, 4 Mar 2024 09:30:00 +0800\r\n\r\nBody",
            "From a@example.org Mon Mar  4 09:30:00 2024\nMessage-ID: <1@a>\nTo: b@example.org\n\nBody",
            "MIME-Version: 1.0\nX-Note: 甲\nSubject: =?utf-8?B?5LyaLg==?=\nX-Cut",
        ] {
            assert!(looks_like(text, "x"), "{text}");
        }
        assert!(looks_like("From: 张三\nTo: 李四\n\n你好", "a.eml"));
    }

    #[test]
    fn prose_and_front_matter_are_no_mail() {
        for text in [
            "From: the desk of the director\nTo: all staff\nDate: today\n\nDear all,",
            "From here on: it rains.\nTo: nobody",
            "---\ntitle: 指南\ndate: 2024-01-01\n---\n# 指南",
            "Subject: 关于休假\n各部门：\nDate: 今天",
            " From: a@example.org\nTo: b@example.org\n\n",
            "From: a@example.org\n\nOne header is not enough.",
            "From now on\nwe meet on Mondays.",
            "发件人：张三\n主题：会议\n",
            "",
        ] {
            assert!(!looks_like(text, "x.md"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_looked_at(text in "(From|[:<>@ \n\t]|\\PC){0,60}") {
            let _ = looks_like(&text, "a.eml");
        }
    }
}
