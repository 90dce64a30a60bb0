-- The web address that a version was fetched from.
ALTER TABLE versions ADD COLUMN source_url TEXT;
CREATE INDEX versions_source ON versions (knowledge_base, source_url) WHERE source_url IS NOT NULL;

-- Opens the original; kept until the version is searchable or given up for another.
ALTER TABLE jobs ADD COLUMN password TEXT;
