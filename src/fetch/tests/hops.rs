use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use crate::fetch::resolve::TableResolver;
use crate::fetch::{FetchError, FetchSettings, Fetcher, vet};
use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use axum::routing::get;

/// What was fetched, or why not.
async fn fetched(fetcher: &Fetcher, url: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
    let mut download = fetcher.open(url, limit).await?;
    let mut all = Vec::new();
    while let Some(piece) = download.next().await? {
        all.extend(piece);
    }
    Ok(all)
}

/// Everything is public here, and no name is known to any network.
fn table() -> TableResolver {
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let public = IpAddr::V4(Ipv4Addr::new(93, 184, 215, 14));
    TableResolver(vec![
        ("files.example", vec![here]),
        (
            "intranet.example",
            vec![IpAddr::V4(Ipv4Addr::new(10, 1, 2, 3))],
        ),
        ("both.example", vec![public, here]),
        (
            "mapped.example",
            vec!["::ffff:127.0.0.1".parse().expect("an address")],
        ),
        ("nothing.example", Vec::new()),
    ])
}

fn fetcher(settings: FetchSettings) -> Fetcher {
    Fetcher::with(settings, Arc::new(table()))
}

/// A server on this machine, the settings that open it, and its port.
async fn serve(router: Router) -> (FetchSettings, u16) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = FetchSettings {
        allow: vec!["127.0.0.1/32".parse().expect("a network")],
        ports: vec![port, 80, 443],
        ..FetchSettings::default()
    };
    (settings, port)
}

#[tokio::test]
async fn this_machine_and_private_networks_are_refused_however_they_are_written() {
    let fetcher = fetcher(FetchSettings::default());
    let refused = [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.0.0.1./",
        "http://１２７.０.０.１/",
        "http://①②⑦.0.0.1/",
        "http://127%2e0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0xa9fea9fe/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://10.0.0.1/",
        "http://192.168.0.1/",
        "http://172.16.0.1/",
        "http://100.64.0.1/",
        "http://255.255.255.255/",
        "http://224.0.0.1/",
        "http://intranet.example/",
        "http://INTRANET.example/",
        "http://both.example/",
        "http://mapped.example/",
    ];
    for url in refused {
        let error = fetched(&fetcher, url, 1).await.expect_err(url);
        assert_eq!(error.code(), "url_refused", "{url}: {error}");
    }
}

#[tokio::test]
async fn what_is_no_web_address_is_told_from_what_is_refused() {
    let fetcher = fetcher(FetchSettings::default());
    let long = format!("https://a.example/{}", "x".repeat(5_000));
    let cases = [
        ("", "url_invalid"),
        ("/etc/passwd", "url_invalid"),
        ("file:///etc/passwd", "url_invalid"),
        ("ftp://a.example/x", "url_invalid"),
        ("gopher://a.example:6379/_FLUSHALL", "url_invalid"),
        ("data:text/plain,hello", "url_invalid"),
        ("https://user@a.example/", "url_invalid"),
        ("https://user:secret@a.example/", "url_invalid"),
        ("http://", "url_invalid"),
        ("http://256.1.1.1/", "url_invalid"),
        ("http://[::1", "url_invalid"),
        (long.as_str(), "url_invalid"),
        ("http://a.example:22/", "url_port_refused"),
        ("http://93.184.215.14:6379/", "url_port_refused"),
        ("http://no-such-name.example/", "url_unreachable"),
        ("http://nothing.example/", "url_unreachable"),
    ];
    for (url, code) in cases {
        let error = fetched(&fetcher, url, 1).await.expect_err(url);
        assert_eq!(error.code(), code, "{url}: {error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let off = FetchSettings {
        enabled: false,
        ..FetchSettings::default()
    };
    let error = fetched(&Fetcher::new(off), "https://a.example/", 1).await;
    assert_eq!(error.expect_err("is off").code(), "url_disabled");
}

#[tokio::test]
async fn the_connection_goes_to_the_vetted_address_whatever_the_name_means_elsewhere() {
    let router = Router::new().route("/a.txt", get(|| async { "the text" }));
    let (settings, port) = serve(router).await;
    // Only our table knows the name: a second look-up by the client would find nothing.
    let url = format!("http://files.example:{port}/a.txt#part");
    let fetcher = fetcher(settings);
    let download = fetcher.open(&url, 100).await.expect("is fetched");
    assert_eq!(download.name(), "a.txt");
    assert_eq!(download.url(), format!("http://files.example:{port}/a.txt"));
    assert_eq!(
        fetched(&fetcher, &url, 100).await.expect("is fetched"),
        b"the text"
    );
}

#[tokio::test]
async fn redirects_are_vetted_like_the_first_address() {
    let leading =
        |to: &'static str| get(move || async move { (StatusCode::FOUND, [(LOCATION, to)]) });
    let router = Router::new()
        .route("/end", get(|| async { "the end" }))
        .route("/near", leading("end"))
        .route("/loop", leading("/loop"))
        .route(
            "/metadata",
            leading("http://169.254.169.254/latest/meta-data/"),
        )
        .route("/other", leading("http://127.0.0.2/"))
        .route("/name", leading("http://intranet.example/"))
        .route("/six", leading("http://[::1]/"))
        .route("/file", leading("file:///etc/passwd"))
        .route("/user", leading("http://a:b@files.example/"))
        .route("/port", leading("http://files.example:22/"))
        .route("/nowhere", get(|| async { StatusCode::FOUND }))
        .route(
            "/unchanged",
            get(|| async { (StatusCode::NOT_MODIFIED, [(LOCATION, "/end")]) }),
        )
        .route("/gone", get(|| async { (StatusCode::GONE, "never shown") }));
    let (settings, port) = serve(router).await;
    let fetcher = fetcher(settings);
    let at = |path: &str| format!("http://files.example:{port}{path}");
    assert_eq!(
        fetched(&fetcher, &at("/near"), 100).await.expect("follows"),
        b"the end"
    );
    let cases = [
        ("/loop", "too_many_redirects"),
        ("/metadata", "url_refused"),
        ("/other", "url_refused"),
        ("/name", "url_refused"),
        ("/six", "url_refused"),
        ("/file", "url_invalid"),
        ("/user", "url_invalid"),
        ("/port", "url_port_refused"),
        ("/nowhere", "url_status"),
        ("/unchanged", "url_status"),
        ("/gone", "url_status"),
    ];
    for (path, code) in cases {
        let error = fetched(&fetcher, &at(path), 100).await.expect_err(path);
        assert_eq!(error.code(), code, "{path}: {error}");
    }
}

#[test]
fn encryption_is_not_given_up_on_the_way() {
    let from = vet::parse("https://a.example/x/y").expect("an address");
    let next = |location: &str| vet::next(&from, location.as_bytes());
    assert_eq!(
        next("http://a.example/x/y").expect_err("plain").code(),
        "url_downgraded"
    );
    let kept = next("../年报.pdf#3").expect("stays");
    assert_eq!(kept.as_str(), "https://a.example/%E5%B9%B4%E6%8A%A5.pdf");
    assert_eq!(
        next("//b.example/").expect("stays").as_str(),
        "https://b.example/"
    );
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).expect("is written");
    writer.finish().expect("ends")
}

#[tokio::test]
async fn no_more_is_taken_than_allowed_packed_or_not() {
    let text: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    let (packed, cut) = (gzipped(&text), gzipped(&text)[..50_000].to_vec());
    let bomb = gzipped(&vec![0; 64 << 20]);
    let expected = text.clone();
    let packing = || [(CONTENT_ENCODING, "gzip")];
    // Without a length, as a server that makes it up on the way sends.
    let unmeasured = |bytes: Vec<u8>| {
        let pieces: Vec<Result<Vec<u8>, std::io::Error>> = bytes
            .chunks(1_000)
            .map(|piece| Ok(piece.to_vec()))
            .collect();
        axum::body::Body::from_stream(futures::stream::iter(pieces))
    };
    let router = Router::new()
        .route(
            "/measured",
            get({
                let text = text.clone();
                move || async move { text }
            }),
        )
        .route("/unmeasured", get(move || async move { unmeasured(text) }))
        .route("/packed", get(move || async move { (packing(), packed) }))
        .route("/cut", get(move || async move { (packing(), cut) }))
        .route("/bomb", get(move || async move { (packing(), bomb) }))
        .route(
            "/false",
            get(move || async move { (packing(), "not packed at all") }),
        )
        .route(
            "/strange",
            get(|| async { ([(CONTENT_ENCODING, "br")], "x") }),
        )
        .route(
            "/empty",
            get(|| async { ([(CONTENT_TYPE, "text/html")], "") }),
        );
    let (settings, port) = serve(router).await;
    let fetcher = fetcher(settings);
    let at = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let size = expected.len() as u64;
    for path in ["/measured", "/unmeasured", "/packed"] {
        let all = fetched(&fetcher, &at(path), size).await.expect(path);
        assert!(all == expected, "{path}: {} bytes", all.len());
        let error = fetched(&fetcher, &at(path), size - 1)
            .await
            .expect_err(path);
        assert_eq!(error.code(), "url_too_large", "{path}");
    }
    assert_eq!(
        fetched(&fetcher, &at("/empty"), size)
            .await
            .expect("is fetched"),
        b""
    );
    for (path, code) in [
        ("/bomb", "url_too_large"),
        ("/cut", "url_unreachable"),
        ("/false", "url_unreachable"),
        ("/strange", "url_unreachable"),
    ] {
        let error = fetched(&fetcher, &at(path), 8 << 20).await.expect_err(path);
        assert_eq!(error.code(), code, "{path}: {error}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_or_never_ends_is_given_up() {
    let endless = || async {
        let first = futures::stream::iter([Ok::<_, std::io::Error>(b"begun".to_vec())]);
        axum::body::Body::from_stream(futures::StreamExt::chain(first, futures::stream::pending()))
    };
    let router = Router::new()
        .route("/silent", get(std::future::pending::<()>))
        .route("/endless", get(endless));
    let (settings, port) = serve(router).await;
    let settings = FetchSettings {
        whole: Duration::from_millis(300),
        ..settings
    };
    let fetcher = fetcher(settings);
    for path in ["/silent", "/endless"] {
        let url = format!("http://127.0.0.1:{port}{path}");
        let error = fetched(&fetcher, &url, 100).await.expect_err(path);
        assert_eq!(error.code(), "url_timeout", "{path}: {error}");
    }
}
