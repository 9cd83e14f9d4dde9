//! Names of release tags.

use std::cmp::Reverse;
use std::fmt;

use semver::Version;
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

use crate::domain::version::form::Form;

/// Templates of release tags, such as `v{version}`: new tags use the first one, and all of them are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagFormat {
    first: Template,
    /// Templates of earlier tags.
    others: Vec<Template>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Template {
    prefix: String,
    suffix: String,
}

const PLACE: &str = "{version}";

/// Templates as the value of `tag` in YAML.
pub fn yaml(templates: &[String]) -> String {
    let quoted: Vec<String> = templates.iter().map(|one| format!("\"{one}\"")).collect();
    match quoted.as_slice() {
        [one] => one.clone(),
        _ => format!("[{}]", quoted.join(", ")),
    }
}

/// The default is `v{version}`.
impl Default for TagFormat {
    fn default() -> TagFormat {
        let first = Template {
            prefix: "v".to_owned(),
            suffix: String::new(),
        };
        let others = Vec::new();
        TagFormat { first, others }
    }
}

impl TagFormat {
    /// Returns `None` unless the template contains `{version}` exactly once and git accepts its tags (git-check-ref-format).
    pub fn new(template: &str) -> Option<TagFormat> {
        let first = Template::new(template)?;
        let others = Vec::new();
        Some(TagFormat { first, others })
    }

    /// Adds another template for reading tags.
    pub fn reading(mut self, template: &str) -> Option<TagFormat> {
        let other = Template::new(template)?;
        if other != self.first && !self.others.contains(&other) {
            self.others.push(other);
        }
        Some(self)
    }

    fn all(&self) -> impl Iterator<Item = &Template> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Templates, that of new tags first.
    pub fn templates(&self) -> Vec<String> {
        self.all().map(Template::to_string).collect()
    }

    /// Directories with loose tags of this format, below `refs/tags`.
    pub fn folders(&self) -> Vec<&str> {
        let folder = |template: &'_ Template| template.prefix.rfind('/').unwrap_or(0);
        let mut folders: Vec<&str> = self.all().map(|one| &one.prefix[..folder(one)]).collect();
        folders.dedup();
        folders
    }

    /// Tag of a version.
    pub fn tag(&self, version: &Version) -> String {
        self.tag_written(&Form::default(), version)
    }

    /// Tag of a version in this form.
    pub fn tag_written(&self, form: &Form, version: &Version) -> String {
        let Template { prefix, suffix } = &self.first;
        format!("{prefix}{}{suffix}", form.write(version))
    }

    /// Version in a tag of this format.
    pub fn version(&self, tag: &str) -> Option<Version> {
        self.all()
            .find_map(|one| Form::read(one.text_in(tag)?))
            .map(|(version, _)| version)
    }

    /// Form of the version in a tag of the first template.
    pub fn form_of(&self, tag: &str) -> Option<Form> {
        Form::read(self.first.text_in(tag)?).map(|(_, form)| form)
    }

    /// Rank among tags of the same version: the tag of the earlier template is preferred, then the longer one.
    pub fn rank(&self, tag: &str) -> (Reverse<Option<usize>>, usize) {
        let reads = |one: &Template| {
            one.text_in(tag)
                .is_some_and(|text| Form::read(text).is_some())
        };
        (Reverse(self.all().position(reads)), tag.len())
    }

    /// Version in a tag as it is written there, but with dots between its numbers, as in a changelog.
    pub fn text_of(&self, tag: &str) -> Option<String> {
        let mut texts = self.all().filter_map(|one| one.text_in(tag));
        let (version, form) = texts.find_map(Form::read)?;
        Some(form.dotted().write(&version))
    }
}

impl Template {
    fn new(template: &str) -> Option<Template> {
        let odd = |c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c);
        let tag = template.replace(PLACE, "0");
        let parts = || tag.split('/');
        let is_odd = tag.contains(odd)
            || ["..", "@{", "//"].iter().any(|pair| tag.contains(pair))
            || tag.starts_with('-')
            || tag.ends_with('.')
            || parts()
                .any(|part| part.is_empty() || part.starts_with('.') || part.ends_with(".lock"));
        if is_odd {
            return None;
        }
        let (prefix, suffix) = template.split_once(PLACE)?;
        (!suffix.contains(PLACE)).then(|| Template {
            prefix: prefix.to_owned(),
            suffix: suffix.to_owned(),
        })
    }

    fn text_in<'t>(&self, tag: &'t str) -> Option<&'t str> {
        tag.strip_prefix(&*self.prefix)?.strip_suffix(&*self.suffix)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Template { prefix, suffix } = self;
        write!(f, "{prefix}{PLACE}{suffix}")
    }
}

/// Templates, that of new tags first: ``v{version}``.
impl fmt::Display for TagFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, template) in self.all().enumerate() {
            let gap = if at == 0 { "" } else { "`, `" };
            write!(f, "{gap}{template}")?;
        }
        Ok(())
    }
}

/// Accepts a template or a list of templates.
impl<'de> Deserialize<'de> for TagFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TagFormat, D::Error> {
        deserializer.deserialize_any(Templates)
    }
}

struct Templates;

impl<'de> Visitor<'de> for Templates {
    type Value = TagFormat;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a template such as `v{version}`, or a list of them")
    }

    fn visit_str<E: Error>(self, template: &str) -> Result<TagFormat, E> {
        TagFormat::new(template).ok_or_else(|| odd(template))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<TagFormat, A::Error> {
        let first: Option<String> = list.next_element()?;
        let Some(first) = first else {
            return Err(A::Error::invalid_length(0, &self));
        };
        let mut format: TagFormat = self.visit_str(&first)?;
        while let Some(template) = list.next_element::<String>()? {
            format = format.reading(&template).ok_or_else(|| odd(&template))?;
        }
        Ok(format)
    }
}

fn odd<E: Error>(template: &str) -> E {
    E::custom(format!(
        "`{template}` must contain {{version}} once and be a name that git takes, as in `v{{version}}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn tags_have_a_format() {
        let format = TagFormat::new("v{version}").unwrap();
        assert_eq!(format.tag(&v("1.2.3-rc.1")), "v1.2.3-rc.1");
        assert_eq!(format.version("v1.2.3"), Some(v("1.2.3")));
        assert_eq!(format.version("v1.2"), Some(v("1.2.0")));
        for other in ["1.2.3", "v1", "vv1.2.3", "v1.2.3/x"] {
            assert_eq!(format.version(other), None, "{other}");
        }
        for odd in [
            "v",
            "{version}{version}",
            "{version} x",
            "a/{version}..x",
            "/{version}",
            "-{version}",
            "{version}.lock",
        ] {
            assert_eq!(TagFormat::new(odd), None, "{odd}");
        }
        assert!(TagFormat::new("store/v{version}").is_some());
    }

    #[test]
    fn one_template_writes_and_all_read() {
        let read = |yaml: &str| serde_yaml::from_str::<TagFormat>(yaml);
        let format = read("['{version}', 'v{version}', 'old/r{version}']").unwrap();
        assert_eq!(format.tag(&v("1.2.3")), "1.2.3");
        let tags = ["1.2.3", "v1.2.3", "old/r1.2.3"];
        assert!(
            tags.iter()
                .all(|tag| format.version(tag) == Some(v("1.2.3")))
        );
        assert_eq!(format.folders(), ["", "old"]);
        assert_eq!(
            format.to_string(),
            "{version}`, `v{version}`, `old/r{version}"
        );
        assert_eq!(read("v{version}").unwrap().to_string(), "v{version}");
        assert!(read("[]").is_err());
        assert!(
            read("['{version}', 'v1']")
                .unwrap_err()
                .to_string()
                .contains("`v1` must contain")
        );
    }
}
