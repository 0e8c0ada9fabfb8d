//! `.env` of the working directory. What the environment has already, it does not change.

use std::collections::BTreeSet;
use std::path::Path;

use crate::config::{Fault, Faults};

/// Loads the file into the environment, if there is one, and tells which names it brought.
///
/// # Errors
/// A file that is there and cannot be read, and a name that stands in it twice. dotenvy's own error repeats the line, which may be a secret, so the
/// fault names the variable before it instead.
pub(super) fn load(path: &Path) -> Result<BTreeSet<String>, Faults> {
    let lines = match dotenvy::from_path_iter(path) {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return Ok(BTreeSet::new()),
        Err(error) => return Err(fault(&error, None)),
    };
    let mut names = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    let mut last = None;
    for line in lines {
        let (name, _value) = line.map_err(|error| fault(&error, last.as_deref()))?;
        if !seen.insert(name.clone()) {
            twice.insert(name.clone());
        }
        if std::env::var_os(&name).is_none() {
            names.insert(name.clone());
        }
        last = Some(name);
    }
    // The first line would win silently, and it is often the empty one of the example.
    if !twice.is_empty() {
        return Err(Faults(twice.iter().map(|name| repeated(name)).collect()));
    }
    dotenvy::from_path(path).map_err(|error| fault(&error, last.as_deref()))?;
    Ok(names)
}

fn repeated(name: &str) -> Fault {
    Fault::new(".env", format!("names {name} more than once"), "keep one of its lines")
}

fn fault(error: &dotenvy::Error, last: Option<&str>) -> Faults {
    let fault = match error {
        dotenvy::Error::LineParse(..) => Fault::new(
            ".env",
            match last {
                Some(name) => format!("cannot be read behind {name}"),
                None => "cannot be read at its first line".to_owned(),
            },
            "write NAME=value, a value with spaces, #, $ or quotes between 'single quotes'",
        ),
        dotenvy::Error::Io(error) => Fault::new(
            ".env",
            format!("cannot be read ({})", error.kind()),
            "mend the file's rights and save it as UTF-8",
        ),
        _ => Fault::new(".env", "cannot be read", "compare it with .env.example"),
    };
    Faults(vec![fault])
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
    fn a_broken_line_is_placed_without_repeating_its_value() {
        let told = told("FRONTDESK_TEST_A=1\nFRONTDESK_TEST_B=hunter2 is my password\n");
        assert!(told.contains("behind FRONTDESK_TEST_A"), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }

    #[test]
    fn a_line_that_is_only_a_value_is_not_repeated() {
        let told = told("hunter2 and more\n");
        assert!(told.contains("first line") && !told.contains("hunter2"), "{told}");
    }

    #[test]
    fn a_name_that_stands_twice_is_told_without_its_values() {
        let told = told("FRONTDESK_TEST_C=\nFRONTDESK_TEST_D=1\nFRONTDESK_TEST_C=hunter2\n");
        assert!(told.contains("FRONTDESK_TEST_C more than once"), "{told}");
        assert!(
            !told.contains("hunter2") && !told.contains("FRONTDESK_TEST_D"),
            "{told}"
        );
    }

    #[test]
    fn a_missing_file_is_no_fault() {
        assert_eq!(load(Path::new("no/such/.env")), Ok(BTreeSet::new()));
    }
}
