//! The configuration of one component, out of the repository's.

use std::collections::BTreeMap;

use semver::{Prerelease, Version};

use crate::config::components::{Align, ComponentSettings};
use crate::config::odd::{Odd, odd_changelog};
use crate::config::release::{odd_step, odd_template};
use crate::config::settings::Config;
use crate::config::version_files::{Docs, VersionFiles};
use crate::domain::entry::component;
use crate::domain::version::alignment::Tie;
use crate::domain::version::tag_format::TagFormat;

impl Config {
    /// The configuration of a component; `None` if there is no such one.
    pub fn component(&self, name: &str) -> Option<Config> {
        let component = self.components.get(name)?;
        let all = self.components.iter();
        let others = self.components.iter().filter(|(other, _)| *other != name);
        // In its own changelog its name says nothing.
        let mut scopes = self.scopes.clone();
        scopes.entry(name.to_owned()).or_default();
        Some(Config {
            changelog: component.changelog(name),
            tag: component.tag(name)?,
            scopes,
            version_files: component.version_files.clone(),
            docs: component.docs.clone(),
            publish: component
                .publish
                .clone()
                .unwrap_or_else(|| self.publish.clone()),
            templates: component
                .templates
                .clone()
                .unwrap_or_else(|| self.templates.clone()),
            components: BTreeMap::new(),
            component: Some(component::Component {
                name: name.to_owned(),
                packages: Vec::new(),
                paths: component.paths.clone(),
                names: self.components.keys().cloned().collect(),
                changelogs: all.map(|(name, own)| own.changelog(name)).collect(),
                folders: component.folders(name),
                others: others.map(|(name, own)| own.other(name)).collect(),
            }),
            ..self.clone()
        })
    }

    /// Which components keep up with which.
    pub fn ties(&self) -> Vec<Tie> {
        let ties = self.components.iter().filter_map(|(name, component)| {
            let align = component.align.as_ref()?;
            Some(Tie::Shares(name.clone(), align.with.clone(), align.on))
        });
        ties.collect()
    }

    /// What is wrong with the components: the word to look for, and why.
    pub(super) fn check_components(&self) -> Result<(), Odd> {
        let all = self.components.iter();
        let all: Vec<(&str, &ComponentSettings)> =
            all.map(|(name, one)| (name.as_str(), one)).collect();
        let example = all.first().map(|(name, _)| *name).unwrap_or_default();
        for (key, is_said) in [
            (
                "version_files",
                self.version_files != VersionFiles::default(),
            ),
            ("docs", self.docs != Docs::default()),
        ] {
            if is_said && !all.is_empty() {
                let what = format!("{key}: with `components` each has its own");
                return Err(Odd::new(key, what).with_remedy(format!(
                    "move it to `components: {example}: {key}` or whichever component it is about"
                )));
            }
        }
        for (at, one) in all.iter().enumerate() {
            let own = |odd: Odd| odd.within(&format!("components: {}: ", one.0));
            self.check_component(one.0, one.1).map_err(own)?;
            for other in &all[..at] {
                check_pair(*one, *other).map_err(own)?;
            }
        }
        Ok(())
    }

    /// What is wrong with one component, whatever the others are called.
    fn check_component(&self, name: &str, component: &ComponentSettings) -> Result<(), Odd> {
        let odd = |key: &str, why: String| Err(Odd::new(key, why));
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let is_plain = |word: &str| {
            !word.is_empty() && !word.starts_with(['.', '-']) && word.chars().all(plain)
        };
        // npm's names may have a scope.
        let scoped = name.strip_prefix('@').and_then(|name| name.split_once('/'));
        if !scoped.map_or(is_plain(name), |(scope, name)| {
            is_plain(scope) && is_plain(name)
        }) {
            let why =
                "a name is letters, digits, `-`, `_` and `.`, as in `web-app` and `@scope/web-app`";
            return odd(name, why.to_owned());
        }
        let changelog = component.changelog(name);
        if component.tag(name).is_none() {
            let why = "git takes no tag of that name; give it a `tag`";
            return odd(name, why.to_owned());
        }
        if let Some(why) = odd_changelog(&changelog) {
            return odd(&changelog, why);
        }
        let files = &component.version_files;
        files.check(&changelog, &self.manifest)?;
        if let Some(step) = odd_step(component.publish.as_deref().unwrap_or_default()) {
            return Err(step);
        }
        if let Some(odd) = component.templates.as_ref().and_then(odd_template) {
            return Err(odd);
        }
        if let Some(align) = &component.align {
            self.check_align(name, align)
                .or_else(|why| odd(&align.with, why))?;
        }
        Ok(())
    }

    /// A component keeps up with another one, which does not keep up with it in turn.
    fn check_align(&self, name: &str, align: &Align) -> Result<(), String> {
        let mut way = vec![name];
        let mut with = align.with.as_str();
        loop {
            let Some(next) = self.components.get(with) else {
                let known: Vec<&str> = self.components.keys().map(String::as_str).collect();
                let known = known.join(", ");
                return Err(format!("align: `{with}` is none of {known}"));
            };
            let is_known = way.contains(&with);
            way.push(with);
            if is_known {
                return Err(format!("align leads back to itself: {}", way.join(", ")));
            }
            match &next.align {
                Some(align) => with = &align.with,
                None => return Ok(()),
            }
        }
    }
}

/// What is wrong with two components beside each other: the names, changelogs and tags of one can be taken for those of the other.
fn check_pair(
    (name, component): (&str, &ComponentSettings),
    (other, its): (&str, &ComponentSettings),
) -> Result<(), Odd> {
    if other.eq_ignore_ascii_case(name) {
        return Err(Odd::new(
            name,
            format!("it differs from {other} by case alone"),
        ));
    }
    let changelog = component.changelog(name);
    if its.changelog(other).eq_ignore_ascii_case(&changelog) {
        let what = format!("{changelog} is the changelog of {other}, too");
        return Err(Odd::new(name, what).with_remedy("give each its own `changelog`"));
    }
    let Some((tag, its)) = component.tag(name).zip(its.tag(other)) else {
        return Ok(()); // said of that one
    };
    if reads(&tag, &its) || reads(&its, &tag) {
        let what =
            format!("its tags `{tag}` cannot be distinguished from those of {other}, `{its}`");
        return Err(Odd::new(name, what).with_remedy("give each its own `tag`"));
    }
    Ok(())
}

/// Whether one format reads tags of the other, those of pre-releases among them.
fn reads(format: &TagFormat, other: &TagFormat) -> bool {
    let mut version = Version::new(1, 2, 3);
    let is_final = format.version(&other.tag(&version)).is_some();
    version.pre = Prerelease::new("rc.1").unwrap_or_default();
    is_final || format.version(&other.tag(&version)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: &str = "components:
  backend: {paths: [backend/**], tag: 'backend/v{version}', changelog: docs/BACKEND.md}
  frontend: {paths: [apps/web/src/*.ts, lib]}
  bot: {align: {with: backend, on: minor}}
";

    #[test]
    fn a_component_is_a_configuration_with_defaults() {
        let config = Config::read(THREE).unwrap();
        let of = |name: &str| {
            let own = config.component(name).unwrap();
            (
                own.changelog,
                own.tag.to_string(),
                own.component.unwrap().name,
            )
        };
        let three = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            of("backend"),
            three("docs/BACKEND.md", "backend/v{version}", "backend")
        );
        assert_eq!(
            of("frontend"),
            three(
                "apps/web/src/CHANGELOG.md",
                "frontend-v{version}",
                "frontend"
            )
        );
        assert_eq!(
            of("bot"),
            three("bot/CHANGELOG.md", "bot-v{version}", "bot")
        );
        assert!(config.component("other").is_none());
        assert!(config.reading().paths, "paths are asked for");
        assert!(!Config::default().reading().paths);
        for (glob, expected) in [
            ("**", ""),
            ("*.md", ""),
            ("a", "a"),
            ("a/b.rs", "a"),
            ("a/**/b", "a"),
        ] {
            assert_eq!(crate::config::components::folder(glob), expected, "{glob}");
        }
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        for (text, said) in [
            (
                "a: {paths: [../x]}",
                "2: components.a.paths: path `../x` must stay inside",
            ),
            (
                "a: {tag: v1}",
                "2: components.a.tag: `v1` must contain {version} once",
            ),
            (
                "a: {changelog: /x}",
                "2: components: a: path `/x` must stay inside",
            ),
            (
                "a: {changelog: relwatch.yml}",
                "2: components: a: relwatch.yml is the configuration",
            ),
            ("a/b: {}", "2: components: a/b: a name is letters"),
            (
                "a: {}\n  A: {}",
                "2: components: a: it differs from A by case alone",
            ),
            (
                "a: {changelog: C.md}\n  b: {changelog: C.md}",
                "3: components: b: C.md is the changelog of a, too",
            ),
            (
                "a: {tag: 'v{version}'}\n  b: {tag: 'v{version}'}",
                "3: components: b: its tags `v{version}` cannot be distinguished from those of a",
            ),
            (
                "a: {tag: '{version}'}\n  b: {tag: '{version}-b'}",
                "3: components: b: its tags `{version}-b` cannot be distinguished",
            ),
            (
                "a: {align: {with: b, on: minor}}",
                "2: components: a: align: `b` is none of a",
            ),
            (
                "a: {align: {with: a, on: minor}}",
                "2: components: a: align leads back to itself: a, a",
            ),
            (
                "a: {align: {with: b, on: major}}\n  b: {align: {with: a, on: version}}",
                "align leads back to itself: a, b, a",
            ),
            (
                "a: {align: {with: a, on: patch}}",
                "unknown value `patch`, expected one of `major`",
            ),
            ("a: {path: [x]}", "did you mean `paths`?"),
            (
                "a: {}\nversion_files: [Cargo.toml]",
                "3: version_files: with `components` each has its own; move it to `components: a: version_files`",
            ),
            (
                "a: {docs: {files: [x.md]}}\ndocs: {files: [x.md]}",
                "3: docs: with `components` each has its own; move it to `components: a: docs`",
            ),
            ("a: {docs: {files: [../x]}}", "must stay inside"),
            ("a: {templates: {section: /x}}", "must stay inside"),
            (
                "a: {version_files: [{path: .relwatch/releases.yml, pattern: '{version}'}]}",
                "is the release manifest",
            ),
        ] {
            let error = Config::read(&format!("components:\n  {text}\n")).unwrap_err();
            assert!(error.to_string().contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn tags_of_components_are_check_pair() {
        let pairs = [
            ("v{version}", "backend/v{version}"),
            ("a-v{version}", "a-b-v{version}"),
            ("a/{version}", "{version}"),
        ];
        for (one, other) in pairs.map(|(a, b)| (TagFormat::new(a), TagFormat::new(b))) {
            let (one, other) = (one.unwrap(), other.unwrap());
            assert!(!reads(&one, &other) && !reads(&other, &one), "{one:?}");
        }
    }
}
