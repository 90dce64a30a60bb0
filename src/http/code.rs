//! The stable names of everything that can go wrong at the door; statuses live in `error.rs`, words in `messages.rs`.

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)+) => {
        /// What went wrong, as programs see it. Names never change once released.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum ErrorCode {
            $($(#[$doc])* $variant,)+
        }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable snake_case name.
            #[must_use]
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

codes! {
    /// Nothing was asked.
    EmptyQuestion => "empty_question",
    /// Filters were typed, and nothing to look for.
    OnlyFilters => "only_filters",
    /// The filter leaves too many documents, and leaves out too many.
    FilterTooBroad => "filter_too_broad",
    /// The question exceeds the limit.
    QuestionTooLong => "question_too_long",
    /// The body is not JSON.
    InvalidJson => "invalid_json",
    /// The body is JSON of another shape.
    InvalidBody => "invalid_body",
    /// The body broke off.
    UnreadableBody => "unreadable_body",
    /// A query or path parameter makes no sense.
    InvalidParameter => "invalid_parameter",
    /// A number outside its range.
    OutOfRange => "out_of_range",
    /// A value that the catalog cannot take.
    InvalidRequest => "invalid_request",
    /// A name that cannot be used.
    InvalidName => "invalid_name",
    /// The multipart body is broken.
    InvalidMultipart => "invalid_multipart",
    /// An upload without a file.
    NoFiles => "no_files",
    /// More files than one request may carry.
    TooManyFiles => "too_many_files",
    /// A file without a byte.
    EmptyFile => "empty_file",
    /// A `Host` that we do not serve.
    HostRefused => "host_refused",
    /// A page of another site tried to change something.
    OriginRefused => "origin_refused",
    /// No such path.
    RouteNotFound => "route_not_found",
    /// No such knowledge base.
    KnowledgeBaseNotFound => "knowledge_base_not_found",
    /// No such document.
    DocumentNotFound => "document_not_found",
    /// No such version of a document.
    VersionNotFound => "version_not_found",
    /// The document has no text or original to show (yet).
    ContentNotFound => "content_not_found",
    /// The document has no such page.
    PageNotFound => "page_not_found",
    /// Pages of this document are not drawn.
    NoPageImages => "no_page_images",
    /// No such job.
    JobNotFound => "job_not_found",
    /// No such gold question.
    GoldQuestionNotFound => "gold_question_not_found",
    /// Nothing to measure a knowledge base by.
    NoGoldQuestions => "no_gold_questions",
    /// More words than a dictionary takes.
    TooManyWords => "too_many_words",
    /// A word of a single character.
    WordTooShort => "word_too_short",
    /// A word that is longer than words are.
    WordTooLong => "word_too_long",
    /// A word with blanks or marks in it.
    WordNotAllowed => "word_not_allowed",
    /// Too few passages to make questions from.
    TooLittleText => "too_little_text",
    /// The path exists, the method does not.
    MethodNotAllowed => "method_not_allowed",
    /// The name is taken.
    NameTaken => "name_taken",
    /// The job has already ended.
    NotCancellable => "not_cancellable",
    /// Only failed and cancelled jobs can be retried.
    NotRetryable => "not_retryable",
    /// No embedder of that name is installed.
    EmbedderNotInstalled => "embedder_not_installed",
    /// An index was made with another embedder than the one that is to be used with it.
    EmbedderMismatch => "embedder_mismatch",
    /// The embedder's index is the one in use.
    EmbedderInUse => "embedder_in_use",
    /// There is another index beside the one in use already.
    IndexChangeUnderWay => "index_change_under_way",
    /// Documents are missing in the index that is to be used.
    IndexNotReady => "index_not_ready",
    /// There is no index beside the one in use.
    NoOtherIndex => "no_other_index",
    /// Somebody else changed the same thing.
    Conflict => "conflict",
    /// The body exceeds the limit.
    PayloadTooLarge => "payload_too_large",
    /// A file exceeds the limit.
    FileTooLarge => "file_too_large",
    /// The body has a type that this path does not take.
    UnsupportedMediaType => "unsupported_media_type",
    /// No web address that could be fetched.
    UrlInvalid => "url_invalid",
    /// A web address in a private or reserved network.
    UrlRefused => "url_refused",
    /// A web address with a port that is not fetched from.
    UrlPortRefused => "url_port_refused",
    /// A web address that leads from https to http.
    UrlDowngraded => "url_downgraded",
    /// A web address whose server answers with an error.
    UrlStatus => "url_status",
    /// A web address that leads on too often.
    TooManyRedirects => "too_many_redirects",
    /// What lies at a web address exceeds the limit.
    UrlTooLarge => "url_too_large",
    /// A web address that cannot be reached.
    UrlUnreachable => "url_unreachable",
    /// A web address that took too long.
    UrlTimeout => "url_timeout",
    /// Fetching is switched off.
    UrlDisabled => "url_disabled",
    /// The file has a format that cannot be read.
    UnsupportedFormat => "unsupported_format",
    /// Understood, but not possible in this version.
    Unsupported => "unsupported",
    /// The language model's queue is full.
    Overloaded => "overloaded",
    /// The server handles as many requests as it may.
    TooManyRequests => "too_many_requests",
    /// A fault of ours.
    Internal => "internal",
    /// The language model cannot answer.
    ModelUnavailable => "model_unavailable",
    /// The embedding model cannot answer.
    EmbedderUnavailable => "embedder_unavailable",
    /// The index cannot answer.
    IndexUnavailable => "index_unavailable",
    /// The catalog cannot answer.
    CatalogUnavailable => "catalog_unavailable",
    /// The disk is full.
    StorageFull => "storage_full",
    /// It took too long.
    Timeout => "timeout",
}
