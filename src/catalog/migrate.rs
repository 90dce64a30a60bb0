//! Brings a catalog file to the schema of this program, or refuses one from the future.

use rusqlite::Connection;

use super::CatalogError;

/// Every migration in order; the position plus one is the schema version it leads to.
///
/// The second one stands for the files beside the catalog, which lie elsewhere since then.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/0001_initial.sql"),
    "",
    include_str!("schema/0003_sources_and_passwords.sql"),
    include_str!("schema/0004_folder_files.sql"),
    include_str!("schema/0005_presets.sql"),
    include_str!("schema/0006_details.sql"),
    include_str!("schema/0007_retrieval.sql"),
    include_str!("schema/0008_gold_questions.sql"),
    include_str!("schema/0009_dictionaries.sql"),
    include_str!("schema/0010_collections.sql"),
    include_str!("schema/0011_read_anew.sql"),
];

/// The oldest schema whose folder can still be read; there was no release before it.
const OLDEST: u32 = 2;

/// Applies what is missing, each migration in its own transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), CatalogError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let supported = MIGRATIONS.len() as u32;
    if found > supported {
        return Err(CatalogError::NewerSchema { found, supported });
    }
    if (1..OLDEST).contains(&found) {
        return Err(CatalogError::Invalid {
            field: "data.dir",
            message: "this data folder was made by a development version before the first release and cannot be \
                      read; move it away, start again and add the documents anew"
                .to_owned(),
        });
    }
    for (index, statements) in MIGRATIONS.iter().enumerate().skip(found as usize) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(statements)?;
        transaction.pragma_update(None, "user_version", index as u32 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_catalog_from_a_newer_program_is_refused_untouched() {
        let mut connection = Connection::open_in_memory().expect("memory database");
        connection
            .pragma_update(None, "user_version", 9_999)
            .expect("set version");
        let error = migrate(&mut connection).expect_err("must refuse");
        assert!(matches!(
            error,
            CatalogError::NewerSchema { found: 9_999, .. }
        ));
        let tables: u32 = connection
            .query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
            .expect("count");
        assert_eq!(tables, 0);
    }

    #[test]
    fn a_catalog_from_before_the_first_release_is_refused_in_words() {
        let mut connection = Connection::open_in_memory().expect("memory database");
        connection
            .pragma_update(None, "user_version", 1)
            .expect("set version");
        let error = migrate(&mut connection).expect_err("must refuse");
        assert!(error.to_string().contains("move it away"), "{error}");
    }

    #[test]
    fn the_embedder_of_the_knowledge_bases_becomes_the_one_in_use() {
        let mut connection = Connection::open_in_memory().expect("memory database");
        for statements in &MIGRATIONS[..8] {
            connection.execute_batch(statements).expect("an old schema");
        }
        connection
            .execute_batch(
                "INSERT INTO knowledge_bases (id, name, name_key, description, embedder, created_at)
                 VALUES (zeroblob(16), '库', '库', '', 'use@1/512/mean', 5);
                 INSERT INTO calibrations (knowledge_base, threshold, model, figures, created_at)
                 VALUES (zeroblob(16), 0.5, 'm', '{}', 6);
                 PRAGMA user_version = 8",
            )
            .expect("rows");
        migrate(&mut connection).expect("migrated");
        let found: (String, String, String) = connection
            .query_row(
                "SELECT c.fingerprint, c.state, b.embedder FROM collections c, calibrations b",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .expect("a collection");
        let fingerprint = "use@1/512/mean".to_owned();
        assert_eq!(
            found,
            (fingerprint.clone(), "active".to_owned(), fingerprint)
        );
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let mut connection = Connection::open_in_memory().expect("memory database");
        migrate(&mut connection).expect("first");
        migrate(&mut connection).expect("second");
    }
}
