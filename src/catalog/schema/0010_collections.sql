-- The collections of the index, one for each embedder. One is searched; another one may be filled, or kept, beside it.

CREATE TABLE collections (
    fingerprint TEXT    NOT NULL PRIMARY KEY,     -- of the embedder; begins with the model's name
    dimension   INTEGER NOT NULL,                 -- 0 where an earlier program did not say
    state       TEXT    NOT NULL CHECK (state IN ('active', 'other', 'dropping')),
    complete    INTEGER NOT NULL,                 -- it has held every visible version
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX collections_state ON collections (state) WHERE state <> 'dropping';

-- Until now a knowledge base named its embedder, and all of them had the same one.
INSERT INTO collections (fingerprint, dimension, state, complete, created_at)
    SELECT k.embedder, 0, 'active', 1, min(k.created_at)
    FROM knowledge_bases k LEFT JOIN versions v ON v.knowledge_base = k.id AND v.state = 'visible'
    WHERE k.embedder <> '' GROUP BY k.embedder ORDER BY count(v.id) DESC, min(k.created_at) LIMIT 1;
ALTER TABLE knowledge_bases DROP COLUMN embedder;

-- Whether the collection that is filled, or kept beside the one that is searched, has all points of the version.
ALTER TABLE versions ADD COLUMN mirrored INTEGER NOT NULL DEFAULT 0;
CREATE INDEX versions_unmirrored ON versions (seq) WHERE state = 'visible' AND mirrored = 0;

-- A threshold holds for the vectors that it was fitted to.
ALTER TABLE calibrations ADD COLUMN embedder TEXT NOT NULL DEFAULT '';
UPDATE calibrations SET embedder = coalesce((SELECT fingerprint FROM collections WHERE state = 'active'), '');
