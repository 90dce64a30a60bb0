-- A document that is searchable may be read anew as it is, with a password for its locked parts: the same bytes, cut the same
-- way, once visible and once on their way.
DROP INDEX versions_content;
CREATE UNIQUE INDEX versions_content ON versions (knowledge_base, hash, preset_wanted, state)
    WHERE state IN ('staging', 'visible');
