//! The texts that the program prints, read from its sources.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The files of a directory with an ending.
pub fn files(directory: &Path, ending: &str) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path, ending));
        } else if path.extension().is_some_and(|end| end == ending) {
            all.push(path);
        }
    }
    all
}

/// The texts of a source file that have more than one word, without those of tests, attributes and comments.
pub fn of_file(path: &Path) -> Vec<String> {
    of_tokens(fs::read_to_string(path).unwrap().parse().unwrap())
}

fn of_tokens(tokens: TokenStream) -> Vec<String> {
    let mut all = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                // `#![…]` of a module, `#[…]` of an item.
                tokens.next_if(|token| token.to_string() == "!");
                let attribute = tokens.next_if(|token| matches!(token, TokenTree::Group(_)));
                let attribute = attribute.map(|token| token.to_string());
                if attribute.is_some_and(|words| words.replace(' ', "") == "[cfg(test)]") {
                    while tokens.next().is_some_and(|token| !ends_item(&token)) {}
                }
            }
            TokenTree::Group(group) => all.extend(of_tokens(group.stream())),
            TokenTree::Literal(literal) => {
                let text = syn::parse_str::<syn::LitStr>(&literal.to_string());
                all.extend(text.ok().map(|text| text.value()));
            }
            TokenTree::Punct(_) | TokenTree::Ident(_) => {}
        }
    }
    all.retain(|text| text.contains(' '));
    all
}

/// Whether a token is the body of an item, or the semicolon of one without a body.
fn ends_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(mark) => mark.as_char() == ';',
        _ => false,
    }
}
