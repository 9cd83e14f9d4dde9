//! Comma-separated values (RFC 4180).

/// A line with these cells, including the line end.
pub fn line<C: AsRef<str>>(cells: impl IntoIterator<Item = C>) -> String {
    let cells = cells.into_iter().map(|cell| quoted(cell.as_ref()));
    let cells: Vec<String> = cells.collect();
    format!("{}\r\n", cells.join(","))
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must() {
        assert_eq!(line(["v1.0.0", "a,\"b\""]), "v1.0.0,\"a,\"\"b\"\"\"\r\n");
    }
}
