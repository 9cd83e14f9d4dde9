//! The editor of `relwatch release --edit`. The typed text is kept if the release fails afterwards. An empty text is refused.

use std::path::{Path, PathBuf};

use crate::domain::changelog::notes::{self, News};
use crate::domain::failure::{Exit, Failure, Result};
use crate::project::Project;
use crate::sys::files::{self, Durable};
use crate::sys::layout;
use crate::sys::shell;

/// Notes as saved in the editor.
#[derive(Debug)]
pub struct EditedNotes {
    /// Text of the notes; never empty.
    pub text: String,
    /// Text that the editor was opened with, without text kept from an earlier edit.
    offered: String,
    place: DraftPlace,
}

/// Paths of a kept text: the text itself, and the generated section that it was written for.
#[derive(Debug, Clone)]
struct DraftPlace {
    text: PathBuf,
    base: PathBuf,
}

/// Text kept from an earlier edit.
struct KeptText {
    text: String,
    base: String,
}

/// Lets the user edit the notes of a tag, or continue with text kept from an earlier edit.
///
/// # Errors
/// Exit 130 if the text is empty, exit 1 if the editor fails.
pub fn open(project: &Project, tag: &str, offered: &str) -> Result<EditedNotes> {
    let editor = project.repo.editor()?;
    let place = DraftPlace::in_project(project);
    let kept = place.kept()?;
    let (text, news) = match &kept {
        Some(kept) => {
            let mut news = News::between(&kept.base, offered);
            news.come
                .retain(|entry| !kept.text.contains(entry.as_str()));
            (kept.text.clone(), news)
        }
        None => (offered.to_owned(), News::default()),
    };
    if kept.is_none() {
        files::replace(&place.base, offered.as_bytes(), Durable::Yes)?;
    }
    let opened = notes::explained(tag, &text, &news);
    files::replace(&place.text, opened.as_bytes(), Durable::Yes)?;
    let ended = shell::edit(project.repo.root(), &editor, &place.text);
    let draft = |text: String| EditedNotes {
        text,
        offered: offered.to_owned(),
        place: place.clone(),
    };
    let typed = read(&place.text).map_err(|failure| draft(String::new()).kept(failure))?;
    match (ended, typed) {
        (Ok(()), Some(typed)) => Ok(draft(typed)),
        (Ok(()), None) => {
            place.forget();
            Err(Failure::new(
                Exit::Declined,
                "the notes are empty, so nothing is released",
            )
            .with_remedy("`relwatch release --edit` offers the generated ones again"))
        }
        (Err(failure), Some(typed)) => Err(draft(typed).kept(failure)),
        (Err(failure), None) => {
            // A failed editor may have emptied the file.
            files::replace(&place.text, opened.as_bytes(), Durable::Yes)?;
            Err(draft(text).kept(failure))
        }
    }
}

/// A note about a kept text, for a release made without it.
pub fn unused(project: &Project) -> Option<String> {
    let place = DraftPlace::in_project(project);
    place.kept().ok()??;
    Some(format!(
        "what you typed in {} is not in these notes; `relwatch release --edit` goes on with it, or remove the file",
        place.text.display()
    ))
}

/// Moves a kept text aside, since it was not written for the next release. Returns a note about it.
pub fn put_aside(project: &Project, tag: &str) -> Result<Option<String>> {
    let place = DraftPlace::in_project(project);
    if place.kept()?.is_none() {
        return Ok(None);
    }
    let name = format!("RELEASE_NOTES.{}.md", tag.replace('/', "-"));
    let aside = place.text.with_file_name(name);
    files::rename(&place.text, &aside)?;
    files::remove(&place.base)?;
    Ok(Some(format!(
        "what you typed before is not in these notes; it is kept in {}",
        aside.display()
    )))
}

impl EditedNotes {
    /// The failure of a later step, with the path of the text. A text equal to the generated one is not kept: it would be outdated next
    /// time.
    pub fn kept(&self, failure: Failure) -> Failure {
        if self.text == self.offered {
            self.forget();
            return failure;
        }
        if !files::exists(&self.place.text) {
            return failure; // it is released
        }
        Failure::new(
            failure.exit,
            format!(
                "{failure}\nwhat you typed is kept in {}",
                self.place.text.display()
            ),
        )
        .with_remedy("run `relwatch release --edit` again to go on with it")
    }

    /// Removes the text: it is released, or not worth keeping.
    pub fn forget(&self) {
        self.place.forget();
    }
}

impl DraftPlace {
    fn in_project(project: &Project) -> DraftPlace {
        let (text, base) = layout::drafts(project.repo.git_dir());
        DraftPlace { text, base }
    }

    /// `None` also for an unchanged text.
    fn kept(&self) -> Result<Option<KeptText>> {
        let Some(text) = read(&self.text)? else {
            return Ok(None);
        };
        let base = read(&self.base)?.unwrap_or_default();
        Ok((text != base).then_some(KeptText { text, base }))
    }

    fn forget(&self) {
        for path in [&self.text, &self.base] {
            // This does not fail the release: the next edit reports that the text is old.
            if let Err(error) = files::remove(path) {
                tracing::warn!("{error}");
            }
        }
    }
}

/// The text typed into a file; `None` if it is empty.
fn read(path: &Path) -> Result<Option<String>> {
    let Some(bytes) = files::read(path)? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes).map_err(|_| {
        let path = path.display();
        Failure::failed(format!("{path} is not UTF-8"))
            .with_remedy("save it as UTF-8, or remove it")
    })?;
    Ok(Some(notes::typed(&text)).filter(|text| !text.is_empty()))
}
