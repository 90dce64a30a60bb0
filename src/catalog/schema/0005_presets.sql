-- How a version is cut: `preset_wanted` as the person asked (`auto` finds one), `preset` as it was done.

ALTER TABLE versions ADD COLUMN preset_wanted TEXT NOT NULL DEFAULT 'auto';
ALTER TABLE versions ADD COLUMN preset TEXT;
-- The same bytes may be cut anew in another way while they can still be found as they were.
DROP INDEX versions_content;
CREATE UNIQUE INDEX versions_content ON versions (knowledge_base, hash, preset_wanted)
    WHERE state IN ('staging', 'visible');
