//! `.env` of the working directory. What the environment has already, it does not change.

use std::collections::BTreeSet;
use std::path::Path;

use crate::config::{Fault, Faults};

/// Loads the file into the environment, if there is one, and tells which names it brought.
///
/// # Errors
/// A file that is there and cannot be read; the fault names the line's variable, never its value.
pub(super) fn load(path: &Path) -> Result<BTreeSet<String>, Faults> {
    let lines = match dotenvy::from_path_iter(path) {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return Ok(BTreeSet::new()),
        Err(error) => return Err(Faults(vec![fault(&error)])),
    };
    let mut names = BTreeSet::new();
    for line in lines {
        let (name, _value) = line.map_err(|error| Faults(vec![fault(&error)]))?;
        if std::env::var_os(&name).is_none() {
            names.insert(name);
        }
    }
    dotenvy::from_path(path).map_err(|error| Faults(vec![fault(&error)]))?;
    Ok(names)
}

fn fault(error: &dotenvy::Error) -> Fault {
    match error {
        dotenvy::Error::LineParse(line, _) => Fault::new(
            ".env",
            format!("has a line that cannot be read{}", place(line)),
            "write NAME=value, a value with spaces, #, $ or quotes between 'single quotes'",
        ),
        dotenvy::Error::Io(error) => Fault::new(
            ".env",
            format!("cannot be read ({})", error.kind()),
            "mend the file's rights and save it as UTF-8",
        ),
        _ => Fault::new(".env", "cannot be read", "compare it with .env.example"),
    }
}

/// Names the line by what stands before its `=`, if that is a variable's name and surely not a value.
fn place(line: &str) -> String {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    match line.trim().trim_start_matches("export ").split_once('=') {
        Some((name, _)) if is_name(name.trim()) => format!(", at {}", name.trim()),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        load(file.path()).unwrap_err().to_string()
    }

    #[test]
    fn a_broken_line_is_named_without_its_value() {
        let told = told("SMTP_PASSWORD=hunter2 is my password\n");
        assert!(
            told.contains("SMTP_PASSWORD") || told.contains("cannot be read"),
            "{told}"
        );
        assert!(!told.contains("hunter2"), "{told}");
    }

    #[test]
    fn a_line_that_is_only_a_value_is_not_repeated() {
        assert!(!told("hunter2 and more\n").contains("hunter2"));
    }

    #[test]
    fn a_missing_file_is_no_fault() {
        assert_eq!(load(Path::new("no/such/.env")), Ok(BTreeSet::new()));
    }
}
