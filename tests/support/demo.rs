//! A session as a moving picture: one command after the other appears, with what it prints, below captions. The first is there at once, and
//! where nothing moves all of them are.

const WIDTH: usize = 960;
const LINE: usize = 20;
const TOP: usize = 60;

/// The picture of scenes, each a caption and a session.
pub fn svg(scenes: &[(&str, &str)]) -> String {
    let mut picture = Picture {
        elements: String::new(),
        y: TOP,
        time: 0,
    };
    for (caption, session) in scenes {
        picture.caption(caption);
        for line in session.lines() {
            picture.line(line);
        }
        picture.y += LINE;
    }
    let (height, elements) = (picture.y, picture.elements);
    let captions: Vec<&str> = scenes.iter().map(|(caption, _)| *caption).collect();
    let captions = escaped(&captions.join(", "));
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="relwatch in a terminal: {captions}">
<title>relwatch in a terminal: {captions}</title>
<style>
text {{ font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #c9d1d9; white-space: pre; animation: appear .01s both }}
.caption {{ font: bold 15px system-ui, sans-serif; fill: #d29922 }}
.prompt {{ fill: #3fb950 }}
.command {{ fill: #ffffff; font-weight: bold }}
.added {{ fill: #56d364 }}
@keyframes appear {{ from {{ opacity: 0 }} }}
@media (prefers-reduced-motion: reduce) {{ text {{ animation: none }} }}
</style>
<rect width="{WIDTH}" height="{height}" rx="8" fill="#0d1117"/>
<circle cx="20" cy="20" r="6" fill="#ff5f56"/><circle cx="40" cy="20" r="6" fill="#ffbd2e"/><circle cx="60" cy="20" r="6" fill="#27c93f"/>
{elements}</svg>
"##
    )
}

struct Picture {
    elements: String,
    y: usize,
    /// In tenths of a second, when the next element appears.
    time: usize,
}

impl Picture {
    fn caption(&mut self, caption: &str) {
        self.text(20, "caption", caption);
        self.y += LINE + 4;
    }

    fn line(&mut self, line: &str) {
        match line.strip_prefix("$ ") {
            Some(command) => {
                self.text(20, "prompt", "$");
                self.text(40, "command", command);
                self.time += 10;
            }
            None if line.starts_with('+') => self.text(20, "added", line),
            None => self.text(20, "output", line),
        }
        self.time += 1;
        self.y += LINE;
    }

    fn text(&mut self, x: usize, class: &str, text: &str) {
        let (y, seconds, tenths) = (self.y, self.time / 10, self.time % 10);
        let text = escaped(text);
        self.elements.push_str(&format!(
            "<text x=\"{x}\" y=\"{y}\" class=\"{class}\" style=\"animation-delay:{seconds}.{tenths}s\">{text}</text>\n"
        ));
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
