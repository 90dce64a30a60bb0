-- Ids are 16-byte UUIDs, times milliseconds since 1970. `seq` gives a stable order for paging and queues.

CREATE TABLE knowledge_bases (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          BLOB    NOT NULL UNIQUE,
    name        TEXT    NOT NULL,
    name_key    TEXT    NOT NULL,               -- lower case, NFKC
    description TEXT    NOT NULL,
    embedder    TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    deleted_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX knowledge_bases_name ON knowledge_bases (name_key) WHERE deleted_at IS NULL;

CREATE TABLE documents (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             BLOB    NOT NULL UNIQUE,
    knowledge_base BLOB    NOT NULL REFERENCES knowledge_bases (id),
    name           TEXT    NOT NULL,
    title          TEXT,                          -- given with the upload, in place of the one in the text
    tags           TEXT    NOT NULL DEFAULT '[]', -- JSON array
    current        BLOB,                          -- the visible version
    latest         BLOB,                          -- the newest version; its job is the document's status
    created_at     INTEGER NOT NULL,
    deleted_at     INTEGER
) STRICT;
CREATE UNIQUE INDEX documents_name ON documents (knowledge_base, name) WHERE deleted_at IS NULL;
CREATE INDEX documents_order ON documents (knowledge_base, seq) WHERE deleted_at IS NULL;
CREATE INDEX documents_deleted ON documents (seq) WHERE deleted_at IS NOT NULL;

CREATE TABLE versions (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             BLOB    NOT NULL UNIQUE,
    document       BLOB    NOT NULL REFERENCES documents (id),
    knowledge_base BLOB    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('staging', 'visible', 'superseded', 'garbage')),
    has_points     INTEGER NOT NULL DEFAULT 0,    -- the index may hold points of it
    hash           TEXT    NOT NULL,              -- BLAKE3 of the original, hex
    bytes          INTEGER NOT NULL,
    kind           TEXT,
    title          TEXT,
    language       TEXT,
    pages          INTEGER,
    chunks         INTEGER NOT NULL DEFAULT 0,
    created_at     INTEGER NOT NULL
) STRICT;
-- The same bytes twice in a knowledge base are one document.
CREATE UNIQUE INDEX versions_content ON versions (knowledge_base, hash) WHERE state IN ('staging', 'visible');
CREATE INDEX versions_document ON versions (document);
CREATE INDEX versions_hash ON versions (hash);
CREATE INDEX versions_hidden ON versions (knowledge_base) WHERE has_points = 1 AND state <> 'visible';
CREATE INDEX versions_garbage ON versions (state) WHERE state IN ('superseded', 'garbage');
CREATE INDEX versions_visible ON versions (knowledge_base, chunks) WHERE state = 'visible';

CREATE TABLE chunks (
    seq        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE,
    version    BLOB    NOT NULL REFERENCES versions (id),
    ordinal    INTEGER NOT NULL,
    byte_start INTEGER NOT NULL,
    byte_end   INTEGER NOT NULL,
    char_start INTEGER NOT NULL,
    char_end   INTEGER NOT NULL,
    page_first INTEGER,
    page_last  INTEGER,
    heading    TEXT    NOT NULL,                  -- JSON array, highest first
    page_spans TEXT    NOT NULL,                  -- JSON array: page, start, end, ... in bytes of `text`
    parent     TEXT    NOT NULL,                  -- JSON array: start and end in bytes, start and end in characters
    sentences  TEXT    NOT NULL,                  -- JSON array: start, end, ... in bytes of `text`
    text       TEXT    NOT NULL,
    tokens     INTEGER NOT NULL,
    language   TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX chunks_version ON chunks (version, ordinal);

CREATE TABLE jobs (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             BLOB    NOT NULL UNIQUE,
    version        BLOB    NOT NULL UNIQUE REFERENCES versions (id),
    status         TEXT    NOT NULL CHECK (status IN ('queued', 'running', 'ready', 'failed', 'cancelled')),
    stage          TEXT    NOT NULL DEFAULT 'queued',
    lease          BLOB,                          -- the process that works on it
    attempt        INTEGER NOT NULL DEFAULT 0,
    cancel         INTEGER NOT NULL DEFAULT 0,    -- a person asked to stop
    pages_done     INTEGER NOT NULL DEFAULT 0,
    pages_total    INTEGER,
    chunks_done    INTEGER NOT NULL DEFAULT 0,
    chunks_total   INTEGER,
    error_code     TEXT,
    error_message  TEXT,
    error_args     TEXT,                          -- JSON object
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_queue ON jobs (seq) WHERE status = 'queued';
CREATE INDEX jobs_status ON jobs (status);

CREATE TABLE warnings (
    version BLOB    NOT NULL REFERENCES versions (id),
    ordinal INTEGER NOT NULL,
    code    TEXT    NOT NULL,
    page    INTEGER,
    message TEXT    NOT NULL,
    PRIMARY KEY (version, ordinal)
) STRICT, WITHOUT ROWID;
