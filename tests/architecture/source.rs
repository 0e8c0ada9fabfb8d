//! Reads the tree: files as text, as code without comments, strings and tests, and the paths that code names.

use std::fs;
use std::path::{Path, PathBuf};

/// Where the package is.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// One file of the tree.
pub struct SourceFile {
    /// From the root, with `/`.
    pub path: String,
    /// As it is.
    pub text: String,
}

impl SourceFile {
    /// One file.
    pub fn read(path: &str) -> Self {
        let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self {
            path: path.to_owned(),
            text,
        }
    }

    /// All files below a folder whose names end so, in order.
    pub fn all(folder: &str, ending: &str) -> Vec<Self> {
        let mut paths = Vec::new();
        walk(&root().join(folder), &mut paths);
        let mut files: Vec<Self> = paths
            .iter()
            .filter_map(|path| path.strip_prefix(root()).ok())
            .map(|path| path.to_string_lossy().replace('\\', "/"))
            .filter(|path| path.ends_with(ending))
            .map(|path| Self::read(&path))
            .collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }

    /// The program: `src` without its tests.
    pub fn program() -> Vec<Self> {
        let files = Self::product().into_iter();
        files.filter(|file| file.path.starts_with("src/")).collect()
    }

    /// What runs: the program and its crates, without their tests.
    pub fn product() -> Vec<Self> {
        let files: Vec<Self> = ["crates", "src"]
            .into_iter()
            .flat_map(|folder| Self::all(folder, ".rs"))
            .collect();
        let tests: Vec<String> = files.iter().flat_map(Self::test_modules).collect();
        let is_product = |file: &Self| !tests.iter().any(|test| file.path.starts_with(test));
        files.into_iter().filter(is_product).collect()
    }

    /// The files and folders that this file takes in under `#[cfg(test)]`.
    fn test_modules(&self) -> Vec<String> {
        let (folder, name) = self.path.rsplit_once('/').unwrap_or_default();
        let stem = name.trim_end_matches(".rs");
        let folder = match stem {
            "mod" | "lib" | "main" => folder.to_owned(),
            stem => format!("{folder}/{stem}"),
        };
        let mut found = Vec::new();
        let mut lines = self.text.lines();
        while lines.by_ref().any(|line| line.trim() == "#[cfg(test)]") {
            let attribute_or_item = lines.next().unwrap_or_default().trim();
            if let Some(path) = attribute_or_item.strip_prefix("#[path = \"") {
                let (beside, _) = self.path.rsplit_once('/').unwrap_or_default();
                found.push(format!("{beside}/{}", path.trim_end_matches("\"]")));
            } else if let Some(module) = attribute_or_item
                .strip_prefix("mod ")
                .and_then(|item| item.strip_suffix(';'))
            {
                found.extend([format!("{folder}/{module}.rs"), format!("{folder}/{module}/")]);
            }
        }
        found
    }

    /// The first folder below `src`: `conversation`. A file directly in `src` has none.
    pub fn folder(&self) -> Option<&str> {
        let (folder, _) = self.path.strip_prefix("src/")?.split_once('/')?;
        Some(folder)
    }

    /// The part of the text that is not a test.
    pub fn without_tests(&self) -> String {
        let mut kept = String::new();
        let mut lines = self.text.lines();
        while let Some(line) = lines.next() {
            if line.trim() != "#[cfg(test)]" {
                kept.push_str(line);
                kept.push('\n');
                continue;
            }
            // An inline module stands last in its file; `mod tests;` is one line, or two with a path.
            let item = lines.by_ref().find(|line| !line.trim().starts_with("#["));
            if item.is_some_and(|item| item.trim_end().ends_with('{')) {
                break;
            }
        }
        kept
    }

    /// The code alone: no tests, no comments, strings empty. Lines stay lines.
    pub fn code(&self) -> String {
        strip(&self.without_tests(), false)
    }

    /// The same with its strings.
    pub fn code_with_strings(&self) -> String {
        strip(&self.without_tests(), true)
    }

    /// Every path of the crate that the code names, from the crate's root: `["db", "messages", "FinishTurn"]`.
    pub fn crate_paths(&self) -> Vec<Vec<String>> {
        let code = self.code();
        let module = self.module();
        let mut paths = paths_behind(&code, "crate::");
        for path in paths_behind(&code, "super::") {
            let ups = 1 + path.iter().take_while(|segment| *segment == "super").count();
            let Some(left) = module.len().checked_sub(ups) else {
                continue;
            };
            let mut full = module[..left].to_vec();
            full.extend(path.into_iter().skip(ups - 1));
            paths.push(full);
        }
        paths
    }

    fn module(&self) -> Vec<String> {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let path = path.strip_suffix("/mod").unwrap_or(path);
        path.split('/').map(str::to_owned).collect()
    }
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, paths);
        } else {
            paths.push(path);
        }
    }
}

/// Takes comments out, and what strings and characters hold unless it is wanted.
fn strip(text: &str, keeps_strings: bool) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (taken, kept) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), String::new())
        } else if rest.starts_with("/*") {
            (rest.find("*/").map_or(rest.len(), |at| at + 2), String::new())
        } else if let Some(length) = string_length(rest, &code) {
            let inside = if keeps_strings {
                rest[..length].to_owned()
            } else {
                "\"\"".to_owned()
            };
            (length, inside)
        } else {
            (first.len_utf8(), first.to_string())
        };
        code.push_str(&kept);
        rest = &rest[taken..];
    }
    code
}

/// The length of the string or character that `rest` begins with.
fn string_length(rest: &str, before: &str) -> Option<usize> {
    let is_in_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    if rest.starts_with('"') {
        return Some(quoted_length(rest, '"'));
    }
    if rest.starts_with('\'') {
        let mut chars = rest.chars().skip(1);
        let is_char = match (chars.next(), chars.next()) {
            (Some('\\'), _) => true,
            (Some(_), next) => next == Some('\''),
            _ => false,
        };
        return is_char.then(|| quoted_length(rest, '\''));
    }
    if is_in_word || !rest.starts_with('r') {
        return None;
    }
    let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
    let body = rest.get(1 + hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    body.find(&end).map(|at| 1 + hashes + 1 + at + end.len())
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// All paths that stand behind a root, groups spelled out.
fn paths_behind(code: &str, root: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices(root) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        expand(&code[at + root.len()..], &[], &mut paths);
    }
    paths
}

/// Reads one path or group; returns what is left behind it.
fn expand<'a>(text: &'a str, prefix: &[String], paths: &mut Vec<Vec<String>>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut inner) = text.strip_prefix('{') {
        loop {
            inner = inner.trim_start();
            if let Some(behind) = inner.strip_prefix('}') {
                return behind;
            }
            let left = expand(inner, prefix, paths).trim_start();
            let left = left.strip_prefix(',').unwrap_or(left);
            if left.len() == inner.len() {
                return left;
            }
            inner = left;
        }
    }
    let length = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let (segment, behind) = text.split_at(length);
    let mut path = prefix.to_vec();
    if segment != "self" && !segment.is_empty() {
        path.push(segment.to_owned());
    }
    match behind.strip_prefix("::") {
        Some(deeper) if !segment.is_empty() => expand(deeper, &path, paths),
        _ => {
            paths.push(path);
            // `as` renames; the new name is no path.
            let behind = behind.trim_start();
            match behind.strip_prefix("as ") {
                Some(renamed) => renamed.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'),
                None => behind,
            }
        }
    }
}

#[test]
fn paths_are_read_through_groups_renames_and_supers() {
    let file = SourceFile {
        path: "src/inbox/actor.rs".into(),
        text: "use crate::db::{self, DbError, messages::{A, B as C}};\n// crate::not::me\nlet x = \"crate::nor::me\";\n\
               use super::super::domain::ChatId;\nuse super::messages::D;\n#[cfg(test)]\nmod tests {\nuse crate::app::X;\n}\n"
            .into(),
    };
    let paths: Vec<String> = file.crate_paths().iter().map(|path| path.join("::")).collect();
    assert_eq!(
        paths,
        [
            "db",
            "db::DbError",
            "db::messages::A",
            "db::messages::B",
            "domain::ChatId",
            "inbox::messages::D"
        ]
    );
}
