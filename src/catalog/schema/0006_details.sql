-- What a file says of itself. Days are `YYYY-MM-DD`, so that their order as text is that of time.

ALTER TABLE versions ADD COLUMN author TEXT;
ALTER TABLE versions ADD COLUMN created TEXT;
ALTER TABLE versions ADD COLUMN modified TEXT;
