//! Sources of tools by name.

/// Tools whose specs are read by name alone: each is what a user would write, as JSON, which every hook reads in a tenth of YAML's time.
pub const PRESETS: &[(&str, &str)] = &[
    // chant: one Markdown file a spec; its name is the ID, `status: completed` is done and nothing else is.
    ("chant", include_str!("presets/chant.json")),
    // changesets: a file a change; the front matter says which package gets which bump, the body is for users.
    // A release deletes the file. Its entry replaces those of the pull request that brought it.
    ("changesets", include_str!("presets/changesets.json")),
    // knope: change files as those of changesets, with a heading that sums up; custom change types stand for themselves.
    ("knope", include_str!("presets/knope.json")),
    // towncrier: `12.feature.md`, `12.feature.1.rst`, `+anything.bugfix`: issue and type stand in the name, the text is the file.
    ("towncrier", include_str!("presets/towncrier.json")),
    // OpenSpec: a folder a change, done when every box of its tasks.md is ticked.
    ("openspec", include_str!("presets/openspec.json")),
    // GitHub spec-kit: a folder a feature, done when every box of its tasks.md is ticked; it stays where it is.
    ("spec-kit", include_str!("presets/spec-kit.json")),
    // Kiro: a folder a spec, with requirements.md for a feature and bugfix.md for a fix; done when every box of its tasks.md
    // is ticked (`[-]` is in progress, `[ ]*` is optional). Its documents have the same titles everywhere: the folder's name tells.
    ("kiro", include_str!("presets/kiro.json")),
    // Backlog.md: a file a task; `status: Done` is done, its ID and title are keys.
    ("backlog", include_str!("presets/backlog.json")),
    // Decision records, as adr-tools and MADR write them: done when they are accepted. They stay.
    ("adr", include_str!("presets/adr.json")),
    // Task Master: a JSON file of tasks, or one a tag; a task has the text of its subtasks.
    ("task-master", include_str!("presets/task-master.json")),
    // beads: a JSON record in each line; the tool has no words for issues that were closed without work, people have.
    ("beads", include_str!("presets/beads.json")),
    // Conductor: a folder a track, done when every box of its plan.md is ticked: the tool leaves `status` of metadata.json at `new`.
    ("conductor", include_str!("presets/conductor.json")),
    // scriv: fragments with categories as headings, in Markdown or reStructuredText.
    ("scriv", include_str!("presets/scriv.json")),
    // reno: notes in lists by section, which stay for ever; `semver_major` is `upgrade`, and a subsection is `features_cli`.
    ("reno", include_str!("presets/reno.json")),
    // antsibull-changelog: fragments in lists by section; trivial ones are not listed.
    ("antsibull", include_str!("presets/antsibull.json")),
    // changie: a YAML file a change, its kind a label.
    ("changie", include_str!("presets/changie.json")),
    // chloggen: a YAML file a change, listed behind its component.
    ("chloggen", include_str!("presets/chloggen.json")),
];
