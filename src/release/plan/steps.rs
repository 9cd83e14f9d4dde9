//! The steps of a release, in their order.

use crate::config::release::ArchiveTime;
use crate::domain::failure::Result;
use crate::domain::release::plan::Plan;
use crate::domain::release::step::{self, Step};
use crate::project::Project;
use crate::release::plan::frame::Frame;
use crate::release::{publish_steps, request};

pub fn steps(project: &Project, frame: &Frame<'_>, plan: &Plan) -> Result<Vec<Step>> {
    let config = &project.config;
    let mut steps = Vec::new();
    for gate in &config.gates {
        if !frame.wanted.skip_gates.contains(&gate.name) {
            steps.push(Step {
                kind: step::Kind::Gate,
                name: gate.name.clone(),
                run: Some(gate.run.clone()),
                back: Some("nothing to take back".to_owned()),
            });
        }
    }
    let undo = Some("relwatch undo".to_owned());
    steps.push(Step {
        kind: step::Kind::Commit,
        name: match request::is_reviewed(project, frame.branch) {
            true if frame.wanted.push => plan.review_branch(),
            _ => format!("{} and {}", plan.branch, plan.tags().join(", ")),
        },
        run: None,
        back: undo,
    });
    let Some(remote) = frame.remote.name.as_ref().filter(|_| frame.wanted.push) else {
        return Ok(steps);
    };
    steps.push(Step {
        kind: step::Kind::Push,
        name: remote.clone(),
        run: None,
        back: None,
    });
    if request::is_reviewed(project, frame.branch) {
        return Ok(steps);
    }
    for cutting in &plan.releases {
        let values = publish_steps::variables(cutting, "", &plan.branch);
        for one in &project.of_tag(&cutting.tag)?.config.publish {
            steps.push(Step {
                kind: step::Kind::Publish,
                name: one.name.clone(),
                run: one
                    .run
                    .as_ref()
                    .or(one.manual.as_ref())
                    .map(|r| values.fill(r)),
                back: one.undo.as_ref().map(|undo| values.fill(undo)),
            });
        }
    }
    if config.archive == ArchiveTime::AfterPublish {
        steps.push(Step {
            kind: step::Kind::Archive,
            name: "completed specs".to_owned(),
            run: None,
            back: Some("git revert".to_owned()),
        });
    }
    Ok(steps)
}
