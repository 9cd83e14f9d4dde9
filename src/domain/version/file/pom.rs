//! Maven's pom.xml: the position of its own version, and the coordinates in it.
//!
//! Tags are read; comments and the like are skipped. Nothing is validated. A text that is not XML has no positions.

use std::ops::Range;

/// Contents of a pom.xml, as ranges in its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pom {
    /// Own coordinates, as `org.lamp:lamp`; nothing before the colon if neither it nor its parent has a `groupId`.
    pub artifact: Option<String>,
    /// Range of its own version: `project/version`, or the property that it refers to there, as in `${revision}`.
    pub version: Option<Range<usize>>,
    /// Coordinates of its parent.
    pub parent: Option<String>,
    /// All coordinates that have a `version`: dependencies, plugins, the parent.
    coordinates: Vec<(String, Range<usize>)>,
}

impl Pom {
    /// Ranges that may contain the version of one of these artifacts, its own first.
    pub fn places(&self, artifacts: &[String]) -> Vec<Range<usize>> {
        let is_ours = |(said, _): &&(String, Range<usize>)| {
            artifacts.iter().any(|artifact| is_same(said, artifact))
        };
        let named = self.coordinates.iter().filter(is_ours);
        let mut places: Vec<Range<usize>> = self.version.iter().cloned().collect();
        places.extend(named.map(|(_, at)| at.clone()));
        places
    }
}

/// Whether coordinates in a pom.xml are those of an artifact. A group property that is defined in another file matches any group.
pub fn is_same(said: &str, artifact: &str) -> bool {
    let (said, artifact) = (said.rsplit_once(':'), artifact.rsplit_once(':'));
    let (Some((group, name)), Some((own_group, own_name))) = (said, artifact) else {
        return false;
    };
    name == own_name && (group == own_group || group.starts_with("${"))
}

/// Group of a plugin without a `groupId` (Maven's POM reference, "Plugins").
const PLUGINS: &str = "org.apache.maven.plugins";

/// Properties that refer to a pom.xml's own group.
const OWN_GROUP: [&str; 3] = ["${project.groupId}", "${pom.groupId}", "${groupId}"];

/// An element that is still open.
struct OpenElement<'t> {
    name: &'t str,
    from: usize,
    /// Child elements without children of their own: name and text.
    children: Vec<(&'t str, Range<usize>)>,
    is_leaf: bool,
}

impl<'t> OpenElement<'t> {
    fn child(&self, name: &str) -> Option<Range<usize>> {
        let mut children = self.children.iter();
        let found = children.find(|(known, _)| *known == name);
        found.map(|(_, at)| at.clone())
    }

    fn said<'x>(&self, name: &str, text: &'x str) -> Option<&'x str> {
        Some(text[self.child(name)?].trim())
    }
}

/// Parses a pom.xml.
pub fn read(text: &str) -> Pom {
    let mut pom = Pom::default();
    let mut properties: Vec<(&str, Range<usize>)> = Vec::new();
    let mut open: Vec<OpenElement<'_>> = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find('<').map(|found| at + found) {
        let rest = &text[start..];
        let passed = [
            ("<!--", "-->"),
            ("<![CDATA[", "]]>"),
            ("<?", "?>"),
            ("<!", ">"),
        ];
        if let Some((_, end)) = passed.iter().find(|(begin, _)| rest.starts_with(begin)) {
            let Some(length) = rest.find(end) else { break };
            at = start + length + end.len();
            continue;
        }
        let Some(length) = rest.find('>') else { break };
        at = start + length + 1;
        let tag = &rest[1..length];
        if let Some(name) = tag.strip_prefix('/') {
            let Some(closed) = open.pop().filter(|last| last.name == name.trim()) else {
                return Pom::default();
            };
            match open.as_slice() {
                [] => pom.take_project(&closed, &properties, text),
                [project] if project.name == "project" && closed.name == "properties" => {
                    properties.clone_from(&closed.children);
                }
                _ => pom.take(&closed, open.len() == 1, text),
            }
            if let Some(above) = open.last_mut() {
                above.is_leaf = false;
                if closed.is_leaf {
                    above.children.push((closed.name, closed.from..start));
                }
            }
        } else if !tag.ends_with('/') {
            let name = tag.split(char::is_whitespace).next().unwrap_or("");
            open.push(OpenElement {
                name,
                from: at,
                children: Vec::new(),
                is_leaf: true,
            });
        }
    }
    pom
}

impl Pom {
    fn take(&mut self, closed: &OpenElement<'_>, is_top: bool, text: &str) {
        let Some(artifact) = closed.said("artifactId", text) else {
            return;
        };
        let group = closed.said("groupId", text);
        let group = group.or((closed.name == "plugin").then_some(PLUGINS));
        let artifact = format!("{}:{artifact}", group.unwrap_or(""));
        if is_top && closed.name == "parent" {
            self.parent = Some(artifact.clone());
        }
        if let Some(version) = closed.child("version") {
            self.coordinates.push((artifact, trimmed(text, version)));
        }
    }

    fn take_project(
        &mut self,
        project: &OpenElement<'_>,
        properties: &[(&str, Range<usize>)],
        text: &str,
    ) {
        if project.name != "project" {
            return;
        }
        let property = |said: &str| {
            let name = said.strip_prefix("${")?.strip_suffix('}')?;
            let (_, value) = properties.iter().find(|(known, _)| *known == name)?;
            Some(trimmed(text, value.clone()))
        };
        let parent = self.parent.as_ref().and_then(|one| one.rsplit_once(':'));
        let above = parent.map_or("", |(group, _)| group);
        let group_of = |said: &str| match property(said) {
            Some(at) => text[at].to_owned(),
            None if said == "${project.parent.groupId}" => above.to_owned(),
            None => said.to_owned(),
        };
        let own = project.said("groupId", text);
        let own = own.map_or(above.to_owned(), group_of);
        for (said, _) in &mut self.coordinates {
            if let Some((group, name)) = said.rsplit_once(':') {
                let group = if OWN_GROUP.contains(&group) {
                    own.clone()
                } else {
                    group_of(group)
                };
                *said = format!("{group}:{name}");
            }
        }
        let artifact = project.said("artifactId", text);
        self.artifact = artifact.map(|name| format!("{own}:{name}"));
        let own = project.child("version").map(|at| trimmed(text, at));
        self.version = own
            .as_ref()
            .and_then(|at| property(&text[at.clone()]))
            .or(own);
    }
}

fn trimmed(text: &str, at: Range<usize>) -> Range<usize> {
    let said = &text[at.clone()];
    let start = at.start + (said.len() - said.trim_start().len());
    start..start + said.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<?xml version=\"1.0\"?>\n<!-- <version>9</version> -->\n<project xmlns=\"x\">\n  <parent>\n    <artifactId>spring</artifactId>\n    <version>0.1.0</version>\n    <relativePath/>\n  </parent>\n  <artifactId>lamp</artifactId>\n  <version> 0.1.0 </version>\n  <dependencies>\n    <dependency>\n      <artifactId>lamp-core</artifactId>\n      <version>0.1.0</version>\n      <exclusions><exclusion><artifactId>z</artifactId></exclusion></exclusions>\n    </dependency>\n    <dependency><artifactId>other</artifactId><version>0.1.0</version></dependency>\n  </dependencies>\n</project>\n";

    #[test]
    fn the_own_version_and_own_artifacts_have_places() {
        let pom = read(TEXT);
        assert_eq!(pom.artifact.as_deref(), Some(":lamp"));
        assert_eq!(pom.parent.as_deref(), Some(":spring"));
        let artifacts = [":lamp".to_owned(), ":lamp-core".to_owned()];
        let lines: Vec<usize> = pom
            .places(&artifacts)
            .into_iter()
            .map(|at| {
                assert_eq!(&TEXT[at.clone()], "0.1.0");
                TEXT[..at.start].matches('\n').count() + 1
            })
            .collect();
        assert_eq!(lines, [10, 14]);
    }

    #[test]
    fn an_artifact_has_a_group() {
        let coordinates = |group: &str, rest: &str| {
            let group = match group {
                "" => String::new(),
                group => format!("<groupId>{group}</groupId>"),
            };
            format!("{group}<artifactId>core</artifactId><version>1.0.0</version>{rest}")
        };
        let ours = ["org.lamp:core".to_owned()];
        for (element, group, count) in [
            ("dependency", "org.lamp", 1),
            ("dependency", "${project.groupId}", 1),
            ("dependency", "${project.parent.groupId}", 1),
            ("dependency", "${ours}", 1),
            ("dependency", "${elsewhere}", 1),
            ("dependency", "${others}", 0),
            ("dependency", "com.other", 0),
            ("dependency", "", 0),
            ("plugin", "", 0),
            ("plugin", "org.lamp", 1),
        ] {
            let text = format!(
                "<project><x><{element}>{}</{element}></x><parent><groupId>org.lamp</groupId><artifactId>lamp</artifactId></parent><artifactId>cli</artifactId><properties><ours>org.lamp</ours><others>com.other</others></properties></project>",
                coordinates(group, "")
            );
            let pom = read(&text);
            assert_eq!(pom.artifact.as_deref(), Some("org.lamp:cli"));
            assert_eq!(pom.places(&ours).len(), count, "{element} {group}");
        }
    }

    #[test]
    fn a_property_may_hold_the_version() {
        let text = "<project><artifactId>a</artifactId><version>${revision}</version><properties><java>17</java><revision>1.2.0</revision></properties></project>";
        assert_eq!(&text[read(text).version.unwrap()], "1.2.0");
        let unknown = text.replace("<revision>1.2.0</revision>", "");
        assert_eq!(&unknown[read(&unknown).version.unwrap()], "${revision}");
    }

    #[test]
    fn what_is_no_pom_has_no_places() {
        for odd in [
            "",
            "<",
            "<project>",
            "<a></b>",
            "</a>",
            "<project></x>",
            "<!--",
            "<a/>",
        ] {
            assert_eq!(read(odd), Pom::default(), "{odd}");
        }
    }
}
