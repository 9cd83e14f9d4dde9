//! A session as a moving picture: one line after the other appears. Where nothing moves, all of them are there.

const WIDTH: usize = 960;
const LINE: usize = 20;
const TOP: usize = 56;

/// The picture.
pub fn svg(session: &str) -> String {
    let mut lines = String::new();
    let mut time = 0; // in tenths of a second
    for (number, line) in session.lines().enumerate() {
        let y = TOP + number * LINE;
        let (class, text) = match line.strip_prefix("$ ") {
            Some(command) => ("command", command),
            None => ("", line),
        };
        time += if class.is_empty() { 1 } else { 12 };
        let start = format!("style=\"animation-delay:{}.{}s\"", time / 10, time % 10);
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
        let (x, prompt) = match class {
            "" => (20, String::new()),
            _ => (
                40,
                format!("<text x=\"20\" y=\"{y}\" class=\"prompt\" {start}>$</text>\n"),
            ),
        };
        lines.push_str(&format!(
            "{prompt}<text x=\"{x}\" y=\"{y}\" class=\"{class}\" {start}>{escaped}</text>\n"
        ));
    }
    let height = TOP + session.lines().count() * LINE;
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="relwatch in a terminal">
<style>
text {{ font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #c9d1d9; white-space: pre; animation: appear .01s both }}
.prompt {{ fill: #3fb950 }}
.command {{ fill: #ffffff; font-weight: bold }}
@keyframes appear {{ from {{ opacity: 0 }} }}
@media (prefers-reduced-motion: reduce) {{ text {{ animation: none }} }}
</style>
<rect width="{WIDTH}" height="{height}" rx="8" fill="#0d1117"/>
<circle cx="20" cy="20" r="6" fill="#ff5f56"/><circle cx="40" cy="20" r="6" fill="#ffbd2e"/><circle cx="60" cy="20" r="6" fill="#27c93f"/>
{lines}</svg>
"##
    )
}
