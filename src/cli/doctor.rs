//! `wenyuan doctor`: what is there, what is wrong, and how to mend it.

use std::path::Path;

use anyhow::Result;

use super::args::DoctorArgs;
use super::language::say;
use super::reindex;
use super::rerankers;
use crate::app::{App, AppError, Parts, model_store, reranking_status};
use crate::catalog::CatalogError;
use crate::config::{Config, IndexBackend};
use crate::jobs::{VerifyReport, verify};
use crate::models::{ModelStore, Role};

/// Findings are told as they come; `false` if any is bad.
struct Report {
    healthy: bool,
}

impl Report {
    fn good(&self, what: &str, detail: impl std::fmt::Display) {
        println!("✓ {what}: {detail}");
        let _ = self.healthy;
    }

    fn bad(&mut self, what: &str, detail: impl std::fmt::Display) {
        println!("✗ {what}: {detail}");
        self.healthy = false;
    }
}

/// Runs the command.
pub(crate) async fn run(config: Config, arguments: &DoctorArgs) -> Result<bool> {
    let mut report = Report { healthy: true };
    machine(&report);
    disk(&mut report, &config.data.dir);
    let models = model_store(&config)?;
    let ocr = config.ingest.ocr;
    installed(&mut report, &models);
    recognition(&mut report, &models, ocr);
    reranker(&mut report, &config, &models);
    devices(&mut report);
    data(&mut report, config, arguments.index).await;
    if report.healthy {
        println!("{}", say("Everything is in order.", "一切正常。"));
    }
    Ok(report.healthy)
}

fn machine(report: &Report) {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    report.good(
        say("Processor", "处理器"),
        format_args!("{cores} {}", say("threads usable", "个可用线程")),
    );
}

fn disk(report: &mut Report, folder: &Path) {
    let what = say("Disk", "磁盘");
    let existing = folder
        .ancestors()
        .find(|path| path.exists())
        .unwrap_or(folder);
    match fs4::available_space(existing) {
        Ok(bytes) if bytes < 1 << 30 => {
            let text = say(
                "less than 1 GiB is free; make room before adding documents",
                "可用空间不足 1 GiB，请先清理再添加文档",
            );
            report.bad(what, format_args!("{}: {text}", existing.display()));
        }
        Ok(bytes) => report.good(
            what,
            format_args!(
                "{} GiB {} ({})",
                bytes >> 30,
                say("free", "可用"),
                existing.display()
            ),
        ),
        Err(error) => report.bad(what, format_args!("{}: {error}", existing.display())),
    }
}

fn installed(report: &mut Report, models: &ModelStore) {
    let embedder = say("Embedder", "向量模型");
    match models.embedder() {
        Ok(files) => report.good(
            embedder,
            format_args!("{} ({})", files.name, files.model.path.display()),
        ),
        Err(error) => report.bad(embedder, error),
    }
    let model = say("Language model", "语言模型");
    match models.llm() {
        Ok(files) => report.good(
            model,
            format_args!("{} ({})", files.name, files.path.display()),
        ),
        Err(error) => report.bad(model, error),
    }
    let pdfium = "pdfium";
    match models.pdfium() {
        Some(path) => report.good(pdfium, path.display()),
        None => report.bad(
            pdfium,
            format_args!(
                "{}: `wenyuan models pull starter` ({})",
                say(
                    "missing; PDF pages that the first reader cannot read stay unread",
                    "缺失；首选解析器读不了的 PDF 页将无法读取"
                ),
                Role::Pdfium
            ),
        ),
    }
}

/// Text recognition that is turned off on purpose is no fault.
fn recognition(report: &mut Report, models: &ModelStore, wanted: bool) {
    let what = say("Text recognition (OCR)", "文字识别（OCR）");
    if !wanted {
        let off = say(
            "turned off by the setting ingest.ocr; pictures and scanned pages stay unread",
            "已由设置 ingest.ocr 关闭，图片和扫描页将不读取",
        );
        report.good(what, off);
        return;
    }
    match models.ocr() {
        Ok(Some(files)) => report.good(
            what,
            format_args!("{} ({})", files.name, files.detector.display()),
        ),
        Ok(None) => report.bad(
            what,
            format_args!(
                "{}: `wenyuan models pull pp-ocrv4` ({})",
                say(
                    "missing; pictures and scanned pages stay unread",
                    "缺失；图片和扫描页将无法读取"
                ),
                Role::Ocr
            ),
        ),
        Err(error) => report.bad(what, error),
    }
}

/// A reranking model is a choice: none is no fault, and neither is one that is not used yet.
fn reranker(report: &mut Report, config: &Config, models: &ModelStore) {
    let what = say("Reranking model", "重排模型");
    match reranking_status(config, models) {
        Ok(None) => report.good(what, say("none; that is no fault", "未使用（可选）")),
        Ok(Some(status)) => report.good(what, rerankers::standing(&status)),
        Err(error) => report.bad(what, error),
    }
}

fn devices(report: &mut Report) {
    let what = say("Device", "设备");
    match crate::models::llama::devices() {
        Ok(found) => {
            for device in found {
                let memory = device.memory_free >> 20;
                report.good(
                    what,
                    format_args!(
                        "{} ({}), {memory} MiB {}",
                        device.name,
                        device.description,
                        say("free", "可用")
                    ),
                );
            }
        }
        Err(error) => report.bad(what, error),
    }
}

/// Opens the data folder and compares index and catalog. A folder in use is no fault: the server has it.
async fn data(report: &mut Report, config: Config, mend: bool) {
    let what = say("Data folder", "数据目录");
    let folder = config.data.dir.display().to_string();
    let backend = config.index.backend;
    if !config.data.dir.join("catalog.sqlite").exists() {
        report.good(
            what,
            format_args!("{folder}: {}", say("nothing there yet", "还没有内容")),
        );
        return;
    }
    let app = match App::open(config, Parts::INDEX_ONLY).await {
        Ok(app) => app,
        Err(AppError::Catalog(error @ CatalogError::InUse { .. })) => {
            if mend {
                report.bad(what, error);
            } else {
                let in_use = say(
                    "in use by a running Wenyuan; its index was not compared with the catalog",
                    "正由运行中的 Wenyuan 使用，未比对索引与目录",
                );
                report.good(what, format_args!("{folder}: {in_use}"));
            }
            return;
        }
        Err(AppError::EmbedderLost { reason, instead }) => {
            report.bad(what, reindex::lost(&reason, &instead));
            return;
        }
        Err(error) => {
            report.bad(what, error);
            return;
        }
    };
    let totals = match app.catalog.totals().await {
        Ok(totals) => totals,
        Err(error) => {
            report.bad(what, error);
            return;
        }
    };
    report.good(
        what,
        format_args!(
            "{folder}: {} {}, {} {}, {} {}",
            totals.knowledge_bases,
            say("knowledge bases", "个知识库"),
            totals.documents,
            say("documents", "个文档"),
            totals.failed,
            say("failed", "个失败"),
        ),
    );
    index(report, &app, backend, mend).await;
    embedder(report, &app).await;
    app.close().await;
}

/// Which embedder the index was made with, and the one beside it.
async fn embedder(report: &mut Report, app: &App) {
    let what = say("Embedder of the index", "索引的向量模型");
    let status = match app.ingestor.index_status().await {
        Ok(status) => status,
        Err(error) => return report.bad(what, error),
    };
    if let Some(active) = &status.active {
        report.good(what, &active.fingerprint);
    }
    if let (Some(other), Some(filling)) = (&status.other, &status.filling) {
        let (done, all) = (filling.filled.documents_done, filling.filled.documents);
        let documents = say("documents", "个文档");
        report.good(
            say("Other index", "另一个索引"),
            format_args!("{}: {done}/{all} {documents}", other.fingerprint),
        );
    }
    reindex::remark(app).await;
}

async fn index(report: &mut Report, app: &App, backend: IndexBackend, mend: bool) {
    let what = match backend {
        IndexBackend::Edge => say("Index", "索引"),
        IndexBackend::Qdrant => say("Index (Qdrant server)", "索引（Qdrant 服务器）"),
    };
    let compared = match verify(&app.catalog, &*app.live.now().store).await {
        Ok(compared) => compared,
        Err(error) => return report.bad(what, error),
    };
    if compared.agrees() {
        return report.good(what, in_agreement(&compared));
    }
    if !mend {
        return report.bad(
            what,
            format_args!(
                "{}; {}",
                differences(&compared),
                say(
                    "mend it with `wenyuan doctor --index`",
                    "请用 `wenyuan doctor --index` 修复"
                ),
            ),
        );
    }
    let mended = match app.ingestor.repair().await {
        Ok(mended) => mended,
        Err(error) => return report.bad(what, error),
    };
    let done = format!(
        "{} {}, {} {}",
        mended.documents_indexed,
        say("documents indexed again", "个文档已重新建立索引"),
        mended.chunks_removed,
        say("unknown passages removed", "个多余段落已删除"),
    );
    match verify(&app.catalog, &*app.live.now().store).await {
        Ok(now) if now.agrees() => {
            report.good(what, format_args!("{done}; {}", in_agreement(&now)));
        }
        Ok(now) => report.bad(
            what,
            format_args!(
                "{done}; {}, {} {}",
                differences(&now),
                mended.documents_failed,
                say(
                    "documents could not be mended: upload them again",
                    "个文档无法修复，请重新上传"
                ),
            ),
        ),
        Err(error) => report.bad(what, error),
    }
}

fn in_agreement(compared: &VerifyReport) -> String {
    let words = say("passages, as in the catalog", "个段落，与目录一致");
    format!("{} {words}", compared.index_chunks)
}

fn differences(compared: &VerifyReport) -> String {
    format!(
        "{} {}, {} {}",
        compared.missing,
        say("passages missing", "个段落缺失"),
        compared.unknown,
        say("unknown", "个多余"),
    )
}
