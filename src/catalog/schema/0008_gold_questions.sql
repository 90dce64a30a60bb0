-- Questions whose answers are known, to measure a knowledge base by, and the thresholds fitted to knowledge bases.

CREATE TABLE gold_questions (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             BLOB    NOT NULL UNIQUE,
    knowledge_base BLOB    NOT NULL REFERENCES knowledge_bases (id) ON DELETE CASCADE,
    question       TEXT    NOT NULL,
    question_key   TEXT    NOT NULL,              -- folded, so that the same question is there once
    answerable     INTEGER NOT NULL,
    expected       TEXT    NOT NULL,              -- JSON array of {document_id, document_name, passage}
    origin         TEXT    NOT NULL CHECK (origin IN ('typed', 'imported', 'promoted')),
    created_at     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX gold_questions_question ON gold_questions (knowledge_base, question_key);

CREATE TABLE calibrations (
    knowledge_base BLOB    NOT NULL PRIMARY KEY REFERENCES knowledge_bases (id) ON DELETE CASCADE,
    threshold      REAL    NOT NULL,
    model          TEXT    NOT NULL,              -- fingerprint of the evidence model that it was fitted for
    figures        TEXT    NOT NULL,              -- JSON
    created_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
