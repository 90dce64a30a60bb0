//! Another way of cutting, tried on a shadow index: the originals of a knowledge base are read into a data folder of
//! their own. Other settings are tried on the index that is there. Both ways are asked the gold questions, and only what
//! does not lose is put to use.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, ensure};
use futures::{FutureExt, StreamExt};
use indicatif::ProgressBar;
use wenyuan_ingest::PresetChoice;

use super::args::EvalArgs;
use super::ask::search_mode;
use super::evaluate::concluded;
use super::language::{say, tongue};
use super::measure::bar;
use crate::app::{App, Parts};
use crate::catalog::{
    Document, DocumentQuery, Expected, GoldSet, KnowledgeBase, KnowledgeBaseChange, NewDocument,
    Status,
};
use crate::config::Config;
use crate::eval::{GoldOptions, Report, compare, evaluate};
use crate::http::change_refused;
use crate::model::DocumentId;
use crate::retrieve::{RetrievalChange, Retriever};

const MOST_ASKED: usize = 5_000;
/// Documents on their way at once.
const IN_FLIGHT: usize = 64;

/// A knowledge base as it stands: what it finds, and what to build the shadow from.
struct Standing {
    base: KnowledgeBase,
    documents: Vec<Document>,
    set: GoldSet,
    report: Report,
}

/// How the gold questions are asked.
pub(super) fn options(args: &EvalArgs) -> GoldOptions {
    GoldOptions {
        limit: MOST_ASKED,
        mode: args.mode.as_deref().map(search_mode),
        settings: RetrievalChange::default(),
    }
}

/// Tries the cut or the settings that the arguments name; `false` where the gate stays shut or nothing could be activated.
pub(super) async fn run(config: Config, args: &EvalArgs) -> Result<bool> {
    let name = args.kb.as_deref().unwrap_or_default();
    let options = options(args);
    let app = App::open(config.clone(), Parts::WITHOUT_MODEL).await?;
    let standing = standing(&app, name, options).await;
    let standing = match standing {
        Ok(standing) => standing,
        Err(error) => {
            app.close().await;
            return Err(error);
        }
    };
    let tried = match args.try_settings {
        _ if args.try_embedder => other_index(&app, &standing, options).await,
        Some(settings) => {
            let options = GoldOptions {
                settings,
                ..options
            };
            let (base, set) = (&standing.base, &standing.set);
            let found = evaluate(&app.retriever, base, set, options, &|_, _| {}).await;
            found.map_err(anyhow::Error::from)
        }
        None => tried(&app, config, args, &standing, options).await,
    };
    let outcome = match tried {
        Ok(tried) => {
            let compared = compare(&standing.report.as_run(), &tried.as_run());
            let opened = concluded(&compared, args)?;
            if args.activate && !compared.loses {
                activate(&app, &standing, args).await.map(|()| true)
            } else {
                if args.activate {
                    println!("{}", say("Nothing was changed.", "没有做任何改动。"));
                }
                Ok(opened && !args.activate)
            }
        }
        Err(error) => Err(error),
    };
    app.close().await;
    outcome
}

/// What the same questions find in the index of another embedder.
async fn other_index(app: &App, standing: &Standing, options: GoldOptions) -> Result<Report> {
    let refused = |error| anyhow!("{}", change_refused(error, tongue()));
    let live = app.ingestor.other_index().await.map_err(refused)?;
    let retriever = Retriever::new(live, Arc::new(app.catalog.clone()));
    let retriever = retriever.with_cross_encoder_of(&app.retriever);
    let (base, set) = (&standing.base, &standing.set);
    Ok(evaluate(&retriever, base, set, options, &|_, _| {}).await?)
}

/// Searches go to the other index from now on.
async fn switch(app: &App) -> Result<()> {
    let refused = |error| anyhow!("{}", change_refused(error, tongue()));
    let other = app.ingestor.index_status().await?.other;
    let name = other.map(|other| other.fingerprint).unwrap_or_default();
    app.ingestor.switch_index(&name).await.map_err(refused)?;
    println!(
        "{}: {name}",
        say("Searches use this index from now on", "今后使用此索引检索")
    );
    Ok(())
}

async fn standing(app: &App, name: &str, options: GoldOptions) -> Result<Standing> {
    let base = app.catalog.knowledge_base(name).await?;
    let set = app.catalog.gold_set(base.id).await?;
    let (mut documents, mut cursor) = (Vec::new(), None);
    loop {
        let query = DocumentQuery {
            status: Some(Status::Ready),
            cursor,
            limit: Some(1_000),
            ..DocumentQuery::default()
        };
        let page = app.catalog.documents(base.id, query).await?;
        documents.extend(page.documents);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let report = evaluate(&app.retriever, &base, &set, options, &|_, _| {}).await?;
    Ok(Standing {
        base,
        documents,
        set,
        report,
    })
}

/// What the same questions find in a shadow of the knowledge base.
async fn tried(
    app: &App,
    mut config: Config,
    args: &EvalArgs,
    standing: &Standing,
    options: GoldOptions,
) -> Result<Report> {
    let scratch = tempfile::Builder::new()
        .prefix("wenyuan-shadow-")
        .tempdir()
        .context("a temporary folder")?;
    scratch.path().clone_into(&mut config.data.dir);
    if let Some(tokens) = args.try_chunk_tokens {
        config.ingest.chunk_tokens = tokens as usize;
    }
    let shadow = App::open(config, Parts::INDEX_ONLY).await?;
    let made_with = |app: &App| app.live.now().embedder.fingerprint().to_owned();
    let (here, there) = (made_with(app), made_with(&shadow));
    ensure!(
        here == there,
        "{here}, {there}: {}",
        say(
            "the index was made with another embedding model than the chosen one; choose it first with `wenyuan models use`",
            "索引所用的向量模型与当前选择的不同；请先用 `wenyuan models use` 选回它"
        )
    );
    let report = ask_shadow(app, &shadow, args.try_preset, standing, options).await;
    shadow.close().await;
    report
}

async fn ask_shadow(
    app: &App,
    shadow: &App,
    preset: Option<PresetChoice>,
    standing: &Standing,
    options: GoldOptions,
) -> Result<Report> {
    let base = shadow.ensure_knowledge_base(&standing.base.name).await?;
    let bar = bar();
    bar.set_length(standing.documents.len() as u64);
    bar.set_message(say("shadow index", "影子索引"));
    let all = standing
        .documents
        .iter()
        .map(|document| copy(app, shadow, &base, document, preset, &bar).boxed());
    let copied = futures::stream::iter(all.collect::<Vec<_>>()).buffer_unordered(IN_FLIGHT);
    let copied: Vec<Result<(DocumentId, DocumentId)>> = copied.collect().await;
    bar.finish_and_clear();
    let ids: HashMap<DocumentId, DocumentId> = copied.into_iter().collect::<Result<_>>()?;
    let questions = standing.set.questions.iter().map(|gold| {
        let mut gold = gold.clone();
        let there = gold.expected.into_iter().filter_map(|expected| {
            let document_id = *ids.get(&expected.document_id)?;
            Some(Expected {
                document_id,
                ..expected
            })
        });
        gold.expected = there.collect();
        gold
    });
    let set = GoldSet {
        questions: questions.collect(),
        lost: standing.set.lost.clone(),
    };
    let base = shadow.catalog.knowledge_base(&base.name).await?;
    let retriever = shadow.retriever.clone();
    let retriever = retriever.with_cross_encoder_of(&app.retriever);
    Ok(evaluate(&retriever, &base, &set, options, &|_, _| {}).await?)
}

/// Takes one original into the shadow; its id there by its id here.
async fn copy(
    app: &App,
    shadow: &App,
    base: &KnowledgeBase,
    document: &Document,
    preset: Option<PresetChoice>,
    bar: &ProgressBar,
) -> Result<(DocumentId, DocumentId)> {
    let kept = match &document.preset {
        Some(preset) => Some(
            preset
                .parse()
                .map_err(|_| anyhow!("{}: {preset}", document.name))?,
        ),
        None => None,
    };
    let original = app
        .catalog
        .original(document.knowledge_base, document.id)
        .await?;
    let new = |blob| NewDocument {
        title: document.title.clone(),
        tags: document.tags.clone(),
        preset: preset.or(kept),
        ..NewDocument::new(&document.name, blob)
    };
    let taken = shadow.take_as(base.id, &original.path, new).await?;
    follow(shadow, taken.job_id, &document.name).await?;
    bar.inc(1);
    Ok((document.id, taken.document_id))
}

/// Cuts every document of the knowledge base as it was tried.
async fn activate(app: &App, standing: &Standing, args: &EvalArgs) -> Result<()> {
    if args.try_embedder {
        return switch(app).await;
    }
    let Some(settings) = args.try_settings else {
        return cut_anew(app, standing, args.try_preset.unwrap_or_default()).await;
    };
    let change = KnowledgeBaseChange {
        retrieval: Some(settings),
        ..KnowledgeBaseChange::default()
    };
    app.catalog
        .change_knowledge_base(standing.base.id, change)
        .await?;
    println!(
        "{}",
        say(
            "The knowledge base is searched so from now on.",
            "此知识库今后按所试设置检索。"
        )
    );
    Ok(())
}

async fn cut_anew(app: &App, standing: &Standing, preset: PresetChoice) -> Result<()> {
    let bar = bar();
    bar.set_length(standing.documents.len() as u64);
    bar.set_message(say("cutting anew", "重新切分"));
    let all = standing.documents.iter().map(|document| {
        let bar = &bar;
        async move {
            let original = app
                .catalog
                .original(document.knowledge_base, document.id)
                .await?;
            let new = |blob| NewDocument {
                tags: document.tags.clone(),
                source_url: document.source_url.clone(),
                preset: Some(preset),
                ..NewDocument::new(&document.name, blob)
            };
            let taken = app.take_as(standing.base.id, &original.path, new).await?;
            follow(app, taken.job_id, &document.name).await?;
            bar.inc(1);
            Ok(())
        }
        .boxed()
    });
    let done = futures::stream::iter(all.collect::<Vec<_>>()).buffer_unordered(IN_FLIGHT);
    let done: Vec<Result<()>> = done.collect().await;
    bar.finish_and_clear();
    done.into_iter().collect::<Result<()>>()?;
    println!(
        "{}",
        say(
            "All documents are cut as tried.",
            "所有文档已按此方式重新切分。"
        )
    );
    Ok(())
}

async fn follow(app: &App, job: crate::model::JobId, name: &str) -> Result<()> {
    let mut events = app.ingestor.subscribe(job).await?;
    let mut last = None;
    while let Some(event) = events.next().await {
        last = Some(event);
    }
    let ended = last.ok_or_else(|| anyhow!("{name}: its job told nothing"))?;
    let told = ended.error.as_ref();
    ensure!(
        ended.status == Status::Ready,
        "{name}: {}",
        told.map_or("", |error| error.message.as_str())
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Cli, Command};
    use crate::retrieve::SearchMode;

    fn asked(arguments: &[&str]) -> GoldOptions {
        let all = ["wenyuan", "eval", "--kb", "notes"].iter().chain(arguments);
        let Command::Eval(args) = Cli::try_parse_from(all).expect("arguments").command else {
            panic!("eval");
        };
        options(&args)
    }

    #[test]
    fn a_knowledge_base_is_measured_as_it_is_searched_unless_a_mode_is_named() {
        assert_eq!(asked(&[]).mode, None);
        assert_eq!(
            asked(&["--mode", "lexical"]).mode,
            Some(SearchMode::Lexical)
        );
    }
}
