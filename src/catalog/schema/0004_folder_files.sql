-- Files that were taken in from folders, so that the next look at a folder reads only what has changed.

CREATE TABLE folder_files (
    knowledge_base BLOB    NOT NULL,
    machine        TEXT    NOT NULL,              -- whose folder it is
    path           TEXT    NOT NULL,              -- absolute, as that machine writes it
    name           TEXT    NOT NULL,              -- the document's name that was made from it
    bytes          INTEGER NOT NULL,
    modified       INTEGER NOT NULL,              -- nanoseconds since 1970, by that machine's clock
    looked_at      INTEGER NOT NULL,              -- the same: when its size and time were read
    hash           TEXT    NOT NULL,              -- BLAKE3 of its bytes then, hex
    document       BLOB    NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    PRIMARY KEY (knowledge_base, machine, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX folder_files_document ON folder_files (document);
