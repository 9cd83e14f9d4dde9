//! The values of a release for templates and for `notes --full --json`: one model for both. Texts of commits are inert Markdown.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use crate::domain::changelog::title::announces_breaking;
use crate::domain::commit::message::Commit;
use crate::domain::entry::model::Entry;
use crate::domain::entry::wording::Wording;
use crate::domain::forge::Forge;
use crate::domain::release::manifest::Withdrawal;
use crate::domain::release::pieces::{CategoryPieces, Piece, joined};
use crate::domain::release::release_body::{
    Contributor, Group, ReleaseBody, scope_and_rest, without_mark,
};
use crate::domain::spec::notes::is_marked_breaking;
use crate::domain::spec::parts::parts;
use crate::domain::text::inert;
use crate::notes::announce;
use crate::notes::release_body::Accounts;
use crate::project::Project;

/// Most features listed as highlights.
const HIGHLIGHTS: usize = 10;

/// Fields of a change that only templates get; the JSON has them elsewhere.
const OF_TEMPLATES: &[&str] = &[
    "body",
    "breaking",
    "category",
    "generated",
    "links",
    "markdown",
    "title",
];

/// The release to render.
pub struct TemplateSubject<'a> {
    pub version: Option<&'a str>,
    pub tag: Option<&'a str>,
    pub date: Option<&'a str>,
    pub forge: Option<&'a Forge>,
}

/// The section of the changelog to render.
#[derive(Default)]
pub struct TemplateSection {
    pub categories: Vec<CategoryPieces>,
    pub known: KnownChanges,
    /// Built-in form of the text that the template replaces.
    pub notes: String,
}

impl TemplateSubject<'_> {
    /// The output of `notes --full --json`.
    pub fn page(&self, body: &ReleaseBody, known: &KnownChanges) -> Value {
        let groups = body.groups.iter().map(|(group, pieces)| {
            let pieces = pieces
                .iter()
                .map(|piece| without_empty(known.in_group(group, piece)));
            json!({"title": group.title(), "pieces": pieces.collect::<Vec<_>>()})
        });
        json!({
            "schema": 1,
            "version": self.version,
            "tag": self.tag,
            "previous": body.previous,
            "date": self.date,
            "withdrawn": body.withdrawn,
            "summary": body.summary,
            "counts": body.counts(),
            "groups": groups.collect::<Vec<_>>(),
            "contributors": body.contributors,
            "compare": body.compare,
            "notes": format!("{}\n", body.markdown().trim_end()),
        })
    }

    /// Values of a template; docs/reference/template-values.md lists them.
    pub fn values(
        &self,
        project: &Project,
        body: &ReleaseBody,
        section: &TemplateSection,
    ) -> Value {
        let TemplateSection {
            categories,
            known,
            notes,
        } = section;
        let of_forge =
            |address: fn(&Forge, &str) -> Option<String>| address(self.forge?, self.tag?);
        let file = |forge: &Forge, tag: &str| forge.file(tag, &project.config.changelog);
        let groups = body.groups.iter().map(|(group, pieces)| {
            let all = pieces.iter().map(|piece| known.in_group(group, piece));
            json!({"title": group.title(), "markdown": joined(pieces), "pieces": all.collect::<Vec<_>>()})
        });
        let in_categories = categories.iter().map(|category| {
            let pieces = category.pieces.iter();
            let all = pieces.map(|piece| known.in_category(&category.title, piece));
            json!({"title": category.title, "markdown": joined(&category.pieces), "pieces": all.collect::<Vec<_>>()})
        });
        let entries = categories.iter().flat_map(|category| {
            let pieces = category.pieces.iter();
            let entries = pieces.filter(|piece| matches!(piece, Piece::Change(_)));
            entries.map(|piece| known.in_category(&category.title, piece))
        });
        json!({
            "project": announce::name(project, self.forge),
            "component": project.name(),
            "version": self.version,
            "tag": self.tag,
            "previous": body.previous,
            "date": self.date,
            "notes": notes,
            "summary": body.summary,
            "counts": body.counts(),
            "groups": groups.collect::<Vec<_>>(),
            "categories": in_categories.collect::<Vec<_>>(),
            "entries": entries.collect::<Vec<_>>(),
            "highlights": highlights(body),
            "breaking": body.markdown_of(&Group::Breaking),
            "security": body.markdown_of(&Group::Security),
            "upgrade": body.markdown_of(&Group::Upgrade),
            "features": body.markdown_of(&Group::Features),
            "changes": body.markdown_of(&Group::Changes),
            "fixes": body.markdown_of(&Group::Fixes),
            "removed": body.markdown_of(&Group::Removed),
            "known_issues": body.markdown_of(&Group::KnownIssues),
            "deprecations": body.markdown_of(&Group::Deprecations),
            "contributors": body.contributors.iter().map(contributor).collect::<Vec<_>>(),
            "compare": body.compare,
            "page": of_forge(|forge, tag| forge.tag(tag)),
            "changelog": self.forge.zip(self.tag).map(|(forge, tag)| file(forge, tag)),
            "issues": self.forge.map(Forge::issues),
            "withdrawn": body.withdrawn.as_ref().map(withdrawn),
        })
    }
}

/// The first lines of the features; if there are none, of the changes or fixes.
fn highlights(body: &ReleaseBody) -> Option<String> {
    let groups = [Group::Features, Group::Changes, Group::Fixes];
    let mut heads = groups.iter().map(|group| body.heads(group, HIGHLIGHTS));
    heads.find(|heads| !heads.is_empty())
}

/// The withdrawal with every field, for templates that use one.
fn withdrawn(withdrawal: &Withdrawal) -> Value {
    json!({
        "date": withdrawal.date,
        "reason": withdrawal.reason,
        "impact": withdrawal.impact,
        "actions": withdrawal.actions,
        "plan": withdrawal.plan,
    })
}

fn contributor(one: &Contributor) -> Value {
    json!({
        "name": inert::inline(&one.name),
        "account": one.account,
        "is_first": one.is_first,
        "markdown": one.markdown(),
    })
}

/// A piece in its JSON form.
fn without_empty(piece: Value) -> Value {
    let Value::Object(fields) = piece else {
        return piece;
    };
    let says = |value: &Value| match value {
        Value::Null => false,
        Value::Array(all) => !all.is_empty(),
        Value::Object(all) => !all.is_empty(),
        _ => true,
    };
    let kept = fields.into_iter();
    let kept = kept.filter(|(name, value)| says(value) && !OF_TEMPLATES.contains(&name.as_str()));
    Value::Object(kept.collect::<Map<_, _>>())
}

/// Generated changes of a release, by their text.
#[derive(Default)]
pub struct KnownChanges(HashMap<String, KnownChange>);

/// Origin of a generated change.
struct KnownChange {
    title: String,
    scope: Option<String>,
    refs: Vec<String>,
    /// References, as links if they have a target.
    links: Vec<String>,
    commit: Option<String>,
    commit_url: Option<String>,
    author: Option<String>,
    account: Option<String>,
}

impl KnownChanges {
    /// The changes of some entries and their commits.
    pub fn new(
        project: &Project,
        accounts: &Accounts<'_>,
        entries: &[Entry],
        commits: &[Commit],
    ) -> KnownChanges {
        let commits: HashMap<String, &Commit> = commits
            .iter()
            .map(|commit| (commit.short().to_string(), commit))
            .collect();
        let forge = accounts.forge;
        let wording = Wording {
            forge: forge.cloned(),
            ..project.config.rules().wording
        };
        let known = entries.iter().map(|entry| {
            let line = &entry.line;
            let ids = line.refs.iter().filter_map(|name| name.split('/').next());
            let commit = ids.filter_map(|id| commits.get(id)).next();
            let author = commit.map(|commit| accounts.signer(commit.author_name()));
            let head = line.text.lines().next().unwrap_or_default();
            let head = without_mark(head);
            let (scope, title) = match scope_and_rest(head) {
                Some((scope, title)) => (Some(scope.to_owned()), title),
                None => (commit.and_then(|commit| scope_of(project, commit)), head),
            };
            let change = KnownChange {
                title: without_references(title, &line.refs).to_owned(),
                scope,
                links: line
                    .refs
                    .iter()
                    .map(|name| wording.reference(name))
                    .collect(),
                refs: line.refs.iter().map(|name| inert::inline(name)).collect(),
                commit: commit.map(|commit| commit.short().to_string()),
                commit_url: commit.and_then(|commit| forge?.commit(&commit.id.to_string())),
                account: author.as_ref().and_then(|author| author.account.clone()),
                author: author.map(|author| inert::inline(&author.name)),
            };
            (folded(&line.text), change)
        });
        KnownChanges(known.collect())
    }

    fn in_group(&self, group: &Group, piece: &Piece) -> Value {
        self.piece(group.title(), *group == Group::Breaking, piece)
    }

    fn in_category(&self, title: &str, piece: &Piece) -> Value {
        self.piece(title, announces_breaking(title), piece)
    }

    /// A piece with all known fields; unknown ones are null.
    fn piece(&self, category: &str, is_breaking: bool, piece: &Piece) -> Value {
        let (change, text) = match piece {
            Piece::Change(change) => (Some(change.as_str()), None),
            Piece::Text(text) => (None, Some(text)),
        };
        let known = change.and_then(|change| self.0.get(&folded(change)));
        let labelled = change.map(parts).unwrap_or_default();
        let (head, body) = change.map_or((None, None), |change| {
            let (head, body) = change.split_once('\n').unwrap_or((change, ""));
            (Some(head.trim_end()), Some(body.trim_start_matches('\n')))
        });
        json!({
            "change": change,
            "text": text,
            "parts": labelled.into_iter().collect::<BTreeMap<_, _>>(),
            "markdown": piece.markdown(),
            "title": known.map(|known| known.title.as_str()).or(head),
            "body": body,
            "category": category,
            "breaking": is_breaking || change.is_some_and(is_marked_breaking),
            "generated": known.is_some(),
            "scope": known.and_then(|known| known.scope.as_ref()),
            "refs": known.map_or(&[][..], |known| &known.refs),
            "links": known.map_or(&[][..], |known| &known.links),
            "commit": known.and_then(|known| known.commit.as_ref()),
            "commit_url": known.and_then(|known| known.commit_url.as_ref()),
            "author": known.and_then(|known| known.author.as_ref()),
            "account": known.and_then(|known| known.account.as_ref()),
        })
    }
}

/// The title of a commit's scope in relwatch.yml, if the line of the entry does not show it.
fn scope_of(project: &Project, commit: &Commit) -> Option<String> {
    let scope = commit.message.scope.as_deref()?;
    let title = project
        .config
        .scopes
        .get(scope)
        .map_or(scope, String::as_str);
    Some(inert::inline(title)).filter(|title| !title.is_empty())
}

/// A line without the change's references in parentheses at its end, `(#1)` or `([#1](ADDRESS), 1a2b3c4)`.
fn without_references<'t>(line: &'t str, refs: &[String]) -> &'t str {
    let bare = line.trim_end_matches(':');
    let inside = bare
        .strip_suffix(')')
        .and_then(|bare| bare.rsplit_once(" ("));
    let Some((before, inside)) = inside else {
        return line;
    };
    let is_reference = |word: &str| {
        let label = word
            .strip_prefix('[')
            .and_then(|word| word.split_once("]("));
        let name = label.map_or(word, |(label, _)| label);
        refs.iter().any(|known| known == name)
    };
    if inside.split(", ").all(is_reference) {
        before.trim_end()
    } else {
        line
    }
}

/// The text of a change without its line breaks and its mark as breaking, which may be missing in a breaking category.
fn folded(text: &str) -> String {
    without_mark(text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
