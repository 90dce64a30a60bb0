//! Passwords leave nothing behind: a page they stood on is overwritten, and the log that still holds it is emptied.

use std::time::Duration;

use rusqlite::Connection;

/// Notes on the writing connection that a password was taken away, whichever statement did it.
const WATCH: &str = "
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    CREATE TEMP TABLE erased (once INTEGER);
    CREATE TEMP TRIGGER password_changed AFTER UPDATE OF password ON main.jobs
        WHEN old.password IS NOT NULL AND new.password IS NOT old.password
        BEGIN INSERT INTO erased VALUES (1); END;
    CREATE TEMP TRIGGER password_deleted AFTER DELETE ON main.jobs WHEN old.password IS NOT NULL
        BEGIN INSERT INTO erased VALUES (1); END;";

/// Makes the connection overwrite what it deletes and note what is to be scrubbed; empties the log of the process
/// before.
pub(super) fn watch(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(WATCH)?;
    empty_log(connection).map(drop)
}

/// Empties the log if a password went since the last time; whether something is left to do, because a reader still
/// needs the log. To be called outside of transactions.
pub(super) fn scrub(connection: &Connection, usual_wait: Duration) -> bool {
    let noted = connection
        .prepare_cached("SELECT 1 FROM temp.erased LIMIT 1")
        .and_then(|mut statement| statement.exists([]));
    if !noted.unwrap_or(false) {
        return false;
    }
    // Writers must not wait for readers here.
    let emptied = connection
        .busy_timeout(Duration::ZERO)
        .and_then(|()| empty_log(connection));
    let restored = connection.busy_timeout(usual_wait);
    let emptied = matches!(emptied, Ok(true)) && restored.is_ok();
    !(emptied && connection.execute_batch("DELETE FROM temp.erased").is_ok())
}

/// Whether the log could be emptied.
fn empty_log(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
        Ok(row.get::<_, i64>(0)? == 0)
    })
}
