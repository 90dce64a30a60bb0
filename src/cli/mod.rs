//! The command line: arguments in, words out. Each subcommand is one file.

mod addresses;
mod args;
mod args_measure;
mod ask;
mod calibrate;
mod costs;
mod doctor;
mod ended;
mod environment;
mod evaluate;
mod folder;
mod gold;
mod ingest;
mod language;
mod lost;
mod measure;
mod measuring;
mod models;
mod pipes;
mod progress;
mod questions;
mod reindex;
mod remote;
mod report;
mod rerankers;
mod serve;
mod shadow;
mod split;
mod target;
mod try_reranker;
mod view;
mod watching;
mod why_not;
mod words;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

pub use args::{Cli, Command};

use crate::config::{Config, Flags};

/// Parses the arguments and runs the command. 0 is success, 1 a failure that was told, 2 a misuse.
#[must_use]
pub fn main() -> ExitCode {
    environment::insist();
    pipes::end_quietly();
    let started = Instant::now();
    let cli = Cli::parse();
    if matches!(cli.command, Command::ParseChild) {
        return wenyuan_ingest::child_main(Some(crate::ocr::open));
    }
    crate::telemetry::start(cli.verbose, matches!(cli.command, Command::Serve(_)));
    let flags = Flags {
        data: cli.data.clone(),
        listen: if let Command::Serve(serve) = &cli.command {
            serve.listen.clone()
        } else {
            None
        },
    };
    let config = match Config::load(cli.config.as_deref(), &flags) {
        Ok(config) => config,
        Err(error) => {
            eprintln!(
                "{}\n{error}",
                language::say("The settings cannot be used:", "设置有问题：")
            );
            return ExitCode::from(2);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("wenyuan: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(dispatch(cli.command, config, started)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("wenyuan: {}", reindex::in_words(&error));
            ExitCode::FAILURE
        }
    }
}

/// `false` is a failure that the command has already told about.
async fn dispatch(command: Command, config: Config, started: Instant) -> anyhow::Result<bool> {
    match command {
        Command::Serve(_) => serve::run(config).await.map(|()| true),
        Command::Ingest(args) => ingest::run(config, args).await,
        Command::Split(args) => split::run(&config, &args).await,
        Command::Ask(args) => ask::ask(config, args).await.map(|()| true),
        Command::Search(args) => ask::search(config, args).await.map(|()| true),
        Command::WhyNot(args) => why_not::run(config, args).await.map(|()| true),
        Command::Models(command) => models::run(config, command).await,
        Command::Reindex(args) => reindex::run(config, args).await,
        Command::Doctor(arguments) => doctor::run(config, &arguments).await,
        Command::Eval(args) => Box::pin(evaluate::run(config, args, started)).await,
        Command::Gold(command) => gold::run(config, command).await,
        Command::Words(command) => words::run(config, command).await.map(|()| true),
        Command::Calibrate(args) => calibrate::run(config, args).await.map(|()| true),
        Command::Bench(args) => measure::bench(config, args, started).await.map(|()| true),
        Command::ParseChild => Ok(true),
    }
}
