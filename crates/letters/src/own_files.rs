//! What an operator has put into `TEMPLATES_DIR` in place of the built-in letters.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base::encoding::decode;
use domain::Language;

use crate::templates::{PAGES, TEXTS};

/// Files that are read elsewhere: texts to customers and the instructions of the assistant.
const OTHERS: [&str; 2] = ["texts", "instructions"];

/// The words of letters in a language.
pub(crate) fn words_file(language: Language) -> String {
    format!("letters/{}.ftl", language.code())
}

/// The files by the name of what they replace: where they stand and what they say. A folder that is not there replaces
/// nothing.
///
/// # Errors
/// One line for each file that cannot be read, and for each template that replaces nothing: its name is misspelt.
pub(crate) fn own_files(dir: Option<&Path>) -> Result<BTreeMap<String, (String, String)>, Vec<String>> {
    let (mut own, mut faults) = (BTreeMap::new(), Vec::new());
    let Some(dir) = dir else {
        return Ok(own);
    };
    let templates = TEXTS.iter().chain(PAGES).map(|(_, file, _)| (*file).to_owned());
    let names: Vec<String> = templates.chain(Language::ALL.map(words_file)).collect();
    for name in &names {
        let path = dir.join(name);
        let shown = path.display().to_string();
        match fs::read(&path) {
            Ok(bytes) => match decode(&bytes) {
                Ok(decoded) => drop(own.insert(name.clone(), (shown, decoded.text))),
                Err(error) => faults.push(format!("{shown}: cannot be read: {error}")),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => faults.push(format!("{shown}: cannot be read: {error}")),
        }
    }
    for file in found(dir) {
        let name = file
            .strip_prefix(dir)
            .unwrap_or(&file)
            .to_string_lossy()
            .replace('\\', "/");
        let is_other = OTHERS.iter().any(|folder| name.starts_with(&format!("{folder}/")));
        if !is_other && !names.contains(&name) {
            faults.push(format!(
                "{}: replaces nothing, no template has this name",
                file.display()
            ));
        }
    }
    if faults.is_empty() { Ok(own) } else { Err(faults) }
}

/// Templates and words in the folder and one below it.
fn found(dir: &Path) -> Vec<PathBuf> {
    let files = |dir: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let (folders, mut found): (Vec<_>, Vec<_>) = files(dir).into_iter().partition(|path| path.is_dir());
    found.extend(folders.iter().flat_map(|folder| files(folder)));
    let is_template = |path: &PathBuf| path.extension().is_some_and(|of| of == "hbs" || of == "ftl");
    found.retain(is_template);
    found.sort_unstable();
    found
}
