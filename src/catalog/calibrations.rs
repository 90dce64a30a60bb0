//! Thresholds of the evidence gate that were fitted to knowledge bases.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::collections::ACTIVE;
use super::knowledge_bases::require;
use super::row::{all, execute, first, id, json, now, time, to_json};
use super::{Catalog, CatalogError};
use crate::model::KnowledgeBaseId;
use crate::retrieve::{Calibration, Threshold};

/// A calibration with its date.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCalibration {
    /// The threshold, and what it was fitted on.
    pub calibration: Calibration,
    /// When it was fitted.
    pub created_at: Timestamp,
    /// Whether it was fitted to the vectors that are searched now.
    pub fits_embedder: bool,
}

impl Catalog {
    /// Keeps a calibration in place of the one before.
    pub async fn keep_calibration(
        &self,
        knowledge_base: KnowledgeBaseId,
        calibration: Calibration,
    ) -> Result<(), CatalogError> {
        let figures = to_json(&calibration)?;
        let Threshold { value, model } = calibration.threshold;
        self.database()
            .write(move |connection| {
                require(connection, knowledge_base)?;
                let sql = format!(
                    "INSERT OR REPLACE INTO calibrations (knowledge_base, threshold, model, figures, created_at, embedder)
                     VALUES (?, ?, ?, ?, ?, {ACTIVE})"
                );
                execute(
                    connection,
                    &sql,
                    params![knowledge_base.0.into_bytes(), f64::from(value), model, figures, now()],
                )
                .map(drop)
            })
            .await
    }

    /// Goes back to the built-in threshold; whether there was another one.
    pub async fn forget_calibration(
        &self,
        knowledge_base: KnowledgeBaseId,
    ) -> Result<bool, CatalogError> {
        self.database()
            .write(move |connection| {
                require(connection, knowledge_base)?;
                let sql = "DELETE FROM calibrations WHERE knowledge_base = ?";
                Ok(execute(connection, sql, [knowledge_base.0.into_bytes()])? > 0)
            })
            .await
    }

    /// The calibrations of all knowledge bases that have one.
    pub async fn calibrations(
        &self,
    ) -> Result<HashMap<KnowledgeBaseId, StoredCalibration>, CatalogError> {
        self.database()
            .read(|connection| {
                let sql = format!(
                    "SELECT knowledge_base, figures, created_at, embedder = {ACTIVE} AS fits_embedder
                     FROM calibrations"
                );
                Ok(all(connection, &sql, [], stored)?.into_iter().collect())
            })
            .await
    }

    /// Thresholds of knowledge bases, in the order asked; those fitted to another embedder's vectors are left out.
    pub(super) async fn thresholds_of(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
    ) -> Result<Vec<Option<Threshold>>, CatalogError> {
        let knowledge_bases = knowledge_bases.to_vec();
        let sql = format!(
            "SELECT threshold, model FROM calibrations WHERE knowledge_base = ? AND embedder = {ACTIVE}"
        );
        self.database()
            .read(move |connection| {
                let one = |id: &KnowledgeBaseId| {
                    first(connection, &sql, [id.0.into_bytes()], |row| {
                        Ok(Threshold {
                            value: row.get::<_, f64>("threshold")? as f32,
                            model: row.get("model")?,
                        })
                    })
                };
                knowledge_bases.iter().map(one).collect()
            })
            .await
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<(KnowledgeBaseId, StoredCalibration)> {
    let stored = StoredCalibration {
        calibration: json(row, "figures")?,
        created_at: time(row, "created_at")?,
        fits_embedder: row.get("fits_embedder")?,
    };
    Ok((KnowledgeBaseId(id(row, "knowledge_base")?), stored))
}
