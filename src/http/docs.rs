//! The page at `/docs`: the OpenAPI document as plain HTML, without a script or anything from elsewhere.

use std::fmt::Write as _;

use serde_json::Value;

const METHODS: [&str; 5] = ["get", "post", "patch", "put", "delete"];

/// The whole page.
pub(crate) fn page(document: &Value) -> String {
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Wenyuan API</title>\
         <link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body><main>",
    );
    let info = &document["info"];
    let _ = write!(
        html,
        "<h1>{} <small>{}</small></h1>",
        text(&info["title"]),
        text(&info["version"])
    );
    paragraphs(&mut html, &info["description"]);
    html.push_str("<p><a href=\"/openapi.json\">/openapi.json</a></p>");
    for tag in items(&document["tags"]) {
        let name = tag["name"].as_str().unwrap_or_default();
        let _ = write!(html, "<h2>{}</h2>", text(&tag["name"]));
        paragraphs(&mut html, &tag["description"]);
        operations(&mut html, document, name);
    }
    html.push_str("<h2>Shapes</h2>");
    for (name, schema) in fields(&document["components"]["schemas"]) {
        shape(&mut html, name, schema);
    }
    html.push_str("</main></body></html>");
    html
}

fn operations(html: &mut String, document: &Value, tag: &str) {
    for (path, methods) in fields(&document["paths"]) {
        for method in METHODS {
            let operation = &methods[method];
            if items(&operation["tags"]).any(|known| known == tag) {
                describe_operation(html, path, method, operation);
            }
        }
    }
}

fn describe_operation(html: &mut String, path: &str, method: &str, operation: &Value) {
    let method = method.to_ascii_uppercase();
    let id = text(&operation["operationId"]);
    let _ = write!(
        html,
        "<section id=\"{id}\"><h3><b>{method}</b> <code>{}</code></h3>",
        escape(path)
    );
    paragraphs(html, &operation["summary"]);
    paragraphs(html, &operation["description"]);
    let mut rows: Vec<[String; 3]> = items(&operation["parameters"])
        .map(|one| {
            [
                text(&one["name"]),
                kind(&one["schema"]),
                text(&one["description"]),
            ]
        })
        .collect();
    for (media, content) in fields(&operation["requestBody"]["content"]) {
        rows.push(["body".to_owned(), kind(&content["schema"]), escape(media)]);
    }
    table(html, &rows);
    let mut rows = Vec::new();
    for (status, response) in fields(&operation["responses"]) {
        let shapes: Vec<String> = fields(&response["content"])
            .map(|(media, content)| format!("{} {}", kind(&content["schema"]), escape(media)))
            .collect();
        rows.push([
            escape(status),
            shapes.join("<br>"),
            text(&response["description"]),
        ]);
    }
    table(html, &rows);
    html.push_str("</section>");
}

fn shape(html: &mut String, name: &str, schema: &Value) {
    let _ = write!(html, "<section id=\"shape-{0}\"><h3>{0}</h3>", escape(name));
    paragraphs(html, &schema["description"]);
    let parts = items(&schema["allOf"]);
    let direct = fields(&schema["properties"]);
    let mut rows: Vec<[String; 3]> = Vec::new();
    for part in parts.clone() {
        if part.get("$ref").is_some() {
            rows.push(["and".to_owned(), kind(part), String::new()]);
        }
    }
    for (name, field) in parts
        .flat_map(|part| fields(&part["properties"]))
        .chain(direct)
    {
        rows.push([escape(name), kind(field), text(&field["description"])]);
    }
    table(html, &rows);
    html.push_str("</section>");
}

/// A schema in a word or two, as HTML; names of shapes are links.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escape(reference.rsplit('/').next().unwrap_or_default());
        return format!("<a href=\"#shape-{name}\">{name}</a>");
    }
    let several = items(&schema["oneOf"])
        .chain(items(&schema["anyOf"]))
        .map(kind)
        .collect::<Vec<_>>();
    if !several.is_empty() {
        return several.join(" or ");
    }
    let named = match &schema["type"] {
        Value::String(one) => escape(one),
        Value::Array(some) => some.iter().map(text).collect::<Vec<_>>().join(" or "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    };
    match schema.get("items") {
        Some(inner) if inner.is_object() => format!("{named} of {}", kind(inner)),
        Some(_) | None => named,
    }
}

fn table(html: &mut String, rows: &[[String; 3]]) {
    if rows.is_empty() {
        return;
    }
    html.push_str("<table>");
    for [name, kind, about] in rows {
        let _ = write!(
            html,
            "<tr><td><code>{name}</code></td><td>{kind}</td><td>{about}</td></tr>"
        );
    }
    html.push_str("</table>");
}

fn paragraphs(html: &mut String, value: &Value) {
    for paragraph in value
        .as_str()
        .unwrap_or_default()
        .split("\n\n")
        .filter(|one| !one.is_empty())
    {
        let _ = write!(html, "<p>{}</p>", escape(paragraph));
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> + Clone {
    value
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_the_document_becomes_markup() {
        let page = page(&serde_json::json!({ "info": { "title": "<script>\"&", "version": "1" } }));
        assert!(page.contains("&lt;script&gt;&quot;&amp;"));
        assert!(!page.contains("<script"));
    }
}
