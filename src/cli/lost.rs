//! An index that lacks passages of the catalog: without a word, what is in the documents would seem not to be there.

use super::language::chinese;
use crate::app::App;

/// Says on the error channel that the index is not whole, and what mends it.
pub(super) async fn remark(app: &App) {
    let missing = app.missing_passages().await;
    if missing > 0 {
        eprintln!("{}", told(missing, false));
    }
}

/// The same for a server, which mends it in the background from the texts that are there.
pub(super) async fn mend(app: &App) {
    let missing = app.missing_passages().await;
    if missing == 0 {
        return;
    }
    eprintln!("{}", told(missing, true));
    let ingestor = app.ingestor.clone();
    tokio::spawn(async move {
        match ingestor.repair().await {
            Ok(report) => tracing::info!(
                documents = report.documents_indexed,
                failed = report.documents_failed,
                "the index was mended"
            ),
            Err(error) => tracing::error!(%error, "the index was not mended"),
        }
    });
}

fn told(missing: u64, mending: bool) -> String {
    match (chinese(), mending) {
        (true, false) => format!(
            "索引缺少 {missing} 段，这些内容暂时查不到。请运行 `wenyuan doctor --index` 修复。"
        ),
        (true, true) => format!("索引缺少 {missing} 段，正在后台修复，完成前这些内容查不到。"),
        (false, false) => format!(
            "The index lacks {missing} passages, which cannot be found: mend it with `wenyuan doctor --index`."
        ),
        (false, true) => format!(
            "The index lacks {missing} passages, which cannot be found until they are indexed again; that is under way."
        ),
    }
}
