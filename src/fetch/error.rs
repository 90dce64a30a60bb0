//! Why an address was not fetched, told by what the person who gave it does next.

/// Why an address was not fetched. Messages hold no part of an address but its host: the rest may be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    // Another address is needed.
    /// It is no address that could ever be fetched.
    #[error("the address cannot be used: {detail}")]
    Invalid {
        /// What is wrong with it.
        detail: String,
    },
    /// Its host lies in a network that is not open to fetching, or one of the addresses behind its name does.
    #[error(
        "{host} lies in a private or reserved network and is not fetched; fetch.allow opens a network of your own"
    )]
    Refused {
        /// The host, as written.
        host: String,
    },
    /// Its port is not among those that may be used.
    #[error("port {port} is not fetched from; fetch.ports lists those that are")]
    PortRefused {
        /// The port.
        port: u16,
    },
    /// It was left for one without encryption.
    #[error("{host} leads from https to http, which is not followed")]
    Downgraded {
        /// The host that was left.
        host: String,
    },
    /// The server has nothing for us there.
    #[error("{host} answered with status {status}")]
    Status {
        /// The host.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// It leads on and on.
    #[error("the address leads on to another more than {limit} times")]
    TooManyRedirects {
        /// How often it may.
        limit: u32,
    },
    /// What lies there is larger than allowed.
    #[error("what lies there is larger than {limit} bytes")]
    TooLarge {
        /// The most that is accepted, in bytes.
        limit: u64,
    },

    // The same address at another time.
    /// No connection, or one that broke.
    #[error("{host} cannot be reached: {detail}")]
    Unreachable {
        /// The host.
        host: String,
        /// What the network said.
        detail: String,
    },
    /// It took longer than allowed.
    #[error("fetching took longer than {seconds} seconds")]
    TimedOut {
        /// The limit.
        seconds: u64,
    },

    // Another setting.
    /// Fetching is switched off.
    #[error("fetching addresses is switched off (fetch.enabled)")]
    Disabled,
}

impl FetchError {
    /// The stable snake_case name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "url_invalid",
            Self::Refused { .. } => "url_refused",
            Self::PortRefused { .. } => "url_port_refused",
            Self::Downgraded { .. } => "url_downgraded",
            Self::Status { .. } => "url_status",
            Self::TooManyRedirects { .. } => "too_many_redirects",
            Self::TooLarge { .. } => "url_too_large",
            Self::Unreachable { .. } => "url_unreachable",
            Self::TimedOut { .. } => "url_timeout",
            Self::Disabled => "url_disabled",
        }
    }

    pub(super) fn invalid(detail: impl Into<String>) -> Self {
        Self::Invalid {
            detail: detail.into(),
        }
    }

    pub(super) fn unreachable(host: &str, detail: impl Into<String>) -> Self {
        Self::Unreachable {
            host: host.to_owned(),
            detail: detail.into(),
        }
    }

    /// What the client library says, without the address, which it likes to repeat.
    pub(super) fn of_client(host: &str, error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut deepest: &dyn std::error::Error = &error;
        while let Some(inner) = deepest.source() {
            deepest = inner;
        }
        let detail: String = deepest.to_string().chars().take(200).collect();
        Self::unreachable(host, detail)
    }
}
