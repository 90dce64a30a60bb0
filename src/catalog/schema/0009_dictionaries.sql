-- Words of a knowledge base's own. Passages learn them in the background; until all of them have, only words that all
-- of them know are looked for.

CREATE TABLE dictionaries (
    knowledge_base BLOB    NOT NULL PRIMARY KEY REFERENCES knowledge_bases (id) ON DELETE CASCADE,
    words          TEXT    NOT NULL,              -- JSON array, as a person wrote them
    searched       TEXT    NOT NULL,              -- JSON array: those that every visible passage knows
    revision       INTEGER NOT NULL,              -- grows with every word that is added
    edition        INTEGER NOT NULL,              -- grows with every change of either list
    updated_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The revision of the dictionary that the version's points were made with.
ALTER TABLE versions ADD COLUMN words INTEGER NOT NULL DEFAULT 0;
