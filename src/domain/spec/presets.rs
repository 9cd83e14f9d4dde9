//! Presets: sources of known tools by name.

/// Presets by name, in the form that a user would write. They are JSON, which every hook reads in a tenth of YAML's time.
pub const PRESETS: &[(&str, &str)] = &[
    // chant: one Markdown file per spec. Its name is the ID. Only `status: completed` means done.
    ("chant", include_str!("presets/chant.json")),
    // changesets: one file per change. The front matter lists packages and their bumps, the body is for users. A release deletes the file.
    // Its entry replaces those of the pull request that added it.
    ("changesets", include_str!("presets/changesets.json")),
    // knope: change files as those of changesets, with a heading as summary; custom change types are kept as they are.
    ("knope", include_str!("presets/knope.json")),
    // towncrier: `12.feature.md`, `12.feature.1.rst`, `+anything.bugfix`: issue and type are in the name, the text is the file.
    ("towncrier", include_str!("presets/towncrier.json")),
    // OpenSpec: one directory per change, done when every checklist item of its tasks.md is ticked.
    ("openspec", include_str!("presets/openspec.json")),
    // GitHub spec-kit: one directory per feature, done when every checklist item of its tasks.md is ticked. It is not moved.
    ("spec-kit", include_str!("presets/spec-kit.json")),
    // Kiro: one directory per spec, with requirements.md for a feature and bugfix.md for a fix. Done when every checklist item of its
    // tasks.md is ticked (`[-]` is in progress, `[ ]*` is optional). Its documents have the same titles everywhere, so the directory's name
    // is used.
    ("kiro", include_str!("presets/kiro.json")),
    // Backlog.md: one file per task; `status: Done` means done, its ID and title are keys.
    ("backlog", include_str!("presets/backlog.json")),
    // Decision records of adr-tools and MADR: done when they are accepted. They are not moved.
    ("adr", include_str!("presets/adr.json")),
    // Task Master: one JSON file of tasks, or one per tag. The text of a task includes that of its subtasks.
    ("task-master", include_str!("presets/task-master.json")),
    // beads: one JSON record per line. The tool has no status for issues that were closed without work, so the words that people write are
    // used.
    ("beads", include_str!("presets/beads.json")),
    // Conductor: one directory per track, done when every checklist item of its plan.md is ticked: the tool leaves `status` of
    // metadata.json at `new`.
    ("conductor", include_str!("presets/conductor.json")),
    // scriv: fragments with categories as headings, in Markdown or reStructuredText.
    ("scriv", include_str!("presets/scriv.json")),
    // reno: notes in lists by section, which are never deleted; `semver_major` is `upgrade`, and a subsection is `features_cli`.
    ("reno", include_str!("presets/reno.json")),
    // antsibull-changelog: fragments in lists by section; trivial ones are not listed.
    ("antsibull", include_str!("presets/antsibull.json")),
    // changie: one YAML file per change, with its kind as a label.
    ("changie", include_str!("presets/changie.json")),
    // chloggen: one YAML file per change, listed after its component.
    ("chloggen", include_str!("presets/chloggen.json")),
];
