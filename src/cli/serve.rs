//! `wenyuan serve`: the server until it is told to stop.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpListener;

use super::language::say;
use crate::app::{App, Parts};
use crate::config::Config;
use crate::http;
use crate::telemetry::Metrics;

/// How often a port in use is tried again, and how soon.
const FREED_WITHIN: u32 = 15;
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Opens everything, makes a first knowledge base in an empty catalog, and serves.
pub(crate) async fn run(config: Config) -> Result<()> {
    let address: SocketAddr = config.server.listen.parse().context("server.listen")?;
    // Taken first: a port in use is known before any model is loaded.
    let listener = listen(address).await.with_context(|| {
        format!(
            "{address}: {}",
            say(
                "cannot listen there; is another program using the port? Choose another with --listen",
                "无法监听；端口是否被别的程序占用？可用 --listen 另选一个"
            )
        )
    })?;
    let app = App::open(config, Parts::ALL).await?;
    if app.catalog.knowledge_bases().await?.is_empty() {
        app.ensure_knowledge_base("My documents").await?;
    }
    super::reindex::remark(&app).await;
    let (state, settings) = app.http(Metrics::install());
    let shown = listener.local_addr().unwrap_or(address);
    println!(
        "{} http://{shown}",
        say("Wenyuan is open at", "文渊已就绪：")
    );
    println!("{}", say("Press Ctrl-C to stop.", "按 Ctrl-C 停止。"));
    http::serve(listener, http::router(state, settings), stop_signal())
        .await
        .context("http")?;
    app.close().await;
    Ok(())
}

/// A program that was killed a moment ago may hold the port until its last pages are given back.
async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    for _ in 0..FREED_WITHIN {
        match TcpListener::bind(address).await {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            outcome => return outcome,
        }
    }
    TcpListener::bind(address).await
}

/// Ctrl-C or, on Unix, a polite kill.
pub(super) async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminate) = terminate {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
