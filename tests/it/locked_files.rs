//! Passwords and web addresses through the real program: over a kill, and from the command line.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Stdio};

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::support::{Program, fixture};

const SECRET: &str = "open-sesame-7";

/// The program as a server, ended when dropped, and its address.
struct Server {
    child: Child,
    base: String,
}

impl Server {
    /// Starts it and waits until it says where it listens.
    fn start(program: &Program) -> Self {
        let errors = tempfile::NamedTempFile::new().expect("a file for what it complains of");
        let mut child = program
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .env("WENYUAN_GENERATE__ENABLED", "false")
            .env("WENYUAN_INGEST__READERS", "1")
            .stdout(Stdio::piped())
            .stderr(errors.reopen().expect("opened"))
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let Some(said) = lines.next() else {
            let told = std::fs::read_to_string(errors.path()).unwrap_or_default();
            panic!("the server ended before it said where it listens: {told}");
        };
        let said = said.expect("readable");
        let at = said.find("http://").expect("an address");
        let base = said[at..].trim().to_owned();
        // What it says later is of no interest, and must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, base }
    }

    /// As a loss of power ends it.
    fn kill(mut self) {
        self.child.kill().expect("is killed");
        self.child.wait().expect("has ended");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client")
}

async fn get(url: &str) -> Value {
    let reply = client().get(url).send().await.expect("an answer");
    reply.json().await.expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_survives_a_kill_between_acceptance_and_reading() {
    let Some(program) = Program::with_models("a password over a kill") else {
        return;
    };
    let server = Server::start(&program);
    let documents = format!(
        "{}/api/v1/knowledge-bases/My%20documents/documents",
        server.base
    );
    // A long one first, so that the only reader is busy when the program is killed.
    let slow = "The harbour office keeps a ledger of every ship. ".repeat(4_000);
    let form = Form::new()
        .text("metadata", json!({ "password": SECRET }).to_string())
        .part(
            "file",
            Part::text(format!("<p>{slow}")).file_name("slow.html"),
        )
        .part(
            "file",
            Part::bytes(std::fs::read(fixture("vault.pdf")).expect("a fixture"))
                .file_name("vault.pdf"),
        );
    let sent = client().post(&documents).multipart(form).send();
    let reply: Value = sent.await.expect("an answer").json().await.expect("JSON");
    server.kill();

    let server = Server::start(&program);
    for line in reply["documents"].as_array().expect("two lines") {
        let (id, job) = (line["document_id"].as_str(), line["job_id"].as_str());
        let (id, job) = (id.expect("taken in"), job.expect("a job"));
        let events = format!("{}/api/v1/jobs/{job}/events", server.base);
        let all = client().get(events).send().await.expect("an answer");
        drop(all.text().await.expect("ends with the job"));
        let place = format!(
            "{}/api/v1/knowledge-bases/My%20documents/documents/{id}",
            server.base
        );
        let document = get(&place).await;
        assert_eq!(document["status"], "ready", "{document}");
    }
    server.kill();
    // What the kill may have left in the log goes with the next start.
    Server::start(&program).kill();
    assert!(
        !stands_in(program.data(), SECRET),
        "the password is gone from the disk"
    );
}

/// Whether a text stands in any file under a folder.
fn stands_in(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .any(|entry| {
            let path = entry.path();
            if path.is_dir() {
                return stands_in(&path, text);
            }
            let bytes = std::fs::read(&path).unwrap_or_default();
            bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        })
}

/// Answers every request with the same page until the test ends.
fn site() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else {
                return;
            };
            let mut head = [0; 4096];
            drop(connection.read(&mut head));
            let page =
                "<!doctype html><title>Pier</title><p>The north pier is closed in January.</p>";
            let length = page.len();
            let reply = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{page}"
            );
            drop(connection.write_all(reply.as_bytes()));
        }
    });
    port
}

#[test]
fn the_command_line_takes_passwords_and_web_addresses() {
    let Some(program) = Program::with_models("passwords and addresses on the command line") else {
        return;
    };
    let port = site();
    let url = format!("http://127.0.0.1:{port}/pier");
    let vault = fixture("vault.pdf").to_string_lossy().into_owned();
    let ingest = |arguments: &[&str], open: bool| -> Value {
        let mut all = vec!["ingest", "--kb", "test", "--json"];
        all.extend(arguments);
        let mut command = program.command(&all);
        // A proxy that nobody runs: it must not be asked.
        command
            .env("HTTP_PROXY", "http://127.0.0.1:9")
            .env("http_proxy", "http://127.0.0.1:9");
        command.env("WENYUAN_FETCH__PORTS", format!("[{port}]"));
        if open {
            command.env("WENYUAN_FETCH__ALLOW", "[\"127.0.0.1\"]");
        }
        let output = command.output().expect("the program starts");
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let refused = ingest(&[&url, &vault], false);
    let code = |path: &str| {
        let files = refused["files"].as_array().expect("files");
        let file = files.iter().find(|file| file["path"] == path);
        file.expect("told of")["error_code"].clone()
    };
    assert_eq!(code(&url), "url_refused", "{refused}");
    assert_eq!(code(&vault), "password_required", "{refused}");
    let taken = ingest(&[&url, &vault, "--password", SECRET], true);
    assert_eq!(taken["failed"], 0, "{taken}");
    let found = program.json(&["search", "north pier", "--kb", "test", "--json"]);
    assert_eq!(found["hits"][0]["document_name"], "pier.html");
}
