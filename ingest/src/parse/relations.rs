//! The relations between the parts of an Office Open XML package (ECMA-376 part 2, section 9.3).

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use super::package::Package;
use super::xml::{attribute, visit};
use crate::ParseError;

/// Kind and name of the part that a relation leads to.
pub(super) type Target = (String, String);

/// The relations of a part by their identifiers, without those that lead out of the package.
pub(super) fn relations(
    package: &mut Package<'_>,
    part: &str,
) -> Result<HashMap<String, Target>, ParseError> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let xml = package
        .part(&format!("{folder}/_rels/{file}.rels"))?
        .unwrap_or_default();
    let mut found = HashMap::new();
    visit(&xml, |event| {
        if let Event::Start(element) | Event::Empty(element) = event
            && element.local_name().as_ref() == "Relationship"
            && attribute(element, "TargetMode").is_none_or(|mode| mode != "External")
            && let (Some(id), Some(kind), Some(target)) = (
                attribute(element, "Id"),
                attribute(element, "Type"),
                attribute(element, "Target"),
            )
        {
            found.insert(id, (kind, resolve(folder, &target)));
        }
    });
    Ok(found)
}

/// A target beside `folder` as a name in the package.
pub(super) fn resolve(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').collect();
    for step in target.split('/') {
        match step {
            ".." => drop(steps.pop()),
            "." | "" => {}
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// `r:id`, which stands beside an `id` without prefix.
pub(super) fn relation_id(element: &BytesStart<'_>) -> Option<String> {
    element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| {
            attribute.key.prefix().is_some() && attribute.key.local_name().as_ref() == "id"
        })
        .and_then(|attribute| {
            attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .ok()
                .map(std::borrow::Cow::into_owned)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_stay_in_the_package() {
        assert_eq!(resolve("ppt/slides", "../media/a.xml"), "ppt/media/a.xml");
        assert_eq!(resolve("ppt", "../../../etc/passwd"), "etc/passwd");
        assert_eq!(resolve("ppt", "/ppt/a.xml"), "ppt/a.xml");
    }
}
