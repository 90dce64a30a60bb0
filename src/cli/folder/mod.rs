//! Folders that are taken in again and again: only what has changed is read, documents follow files that were moved,
//! and what is gone goes if that is asked for.

mod apart;
mod known;
mod ledger;
mod memory;
mod plan;
#[cfg(test)]
mod plan_tests;
mod scan;
mod watch;

pub(crate) use known::Known;
pub(crate) use ledger::{Ledger, hash_all};
pub(crate) use memory::Memory;
pub(crate) use plan::{Action, Change, Gone, Plan, Step, plan};
pub(crate) use scan::{Found, Scan, scan};
pub(crate) use watch::{Settling, pause};
