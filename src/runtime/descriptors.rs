//! A process that has no file descriptor left: no connection can be made, and "connect" would send an operator looking at the
//! network.

use std::error::Error;

/// What is told in place of "connect".
pub(crate) const NO_DESCRIPTORS: &str = "too many open files";
/// `ENFILE` (of the machine) and `EMFILE` (of the process), the same on Linux, macOS and the BSDs.
const NONE_LEFT: [i32; 2] = [23, 24];

/// Whether that is at the bottom of an error.
pub(crate) fn are_descriptors_exhausted(error: &(dyn Error + 'static)) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    let code = io.and_then(std::io::Error::raw_os_error);
    // An `io::Error` around another one does not name it as its source.
    let inside = io.and_then(std::io::Error::get_ref);
    code.is_some_and(|code| NONE_LEFT.contains(&code))
        || inside.is_some_and(|inner| are_descriptors_exhausted(inner))
        || error.source().is_some_and(are_descriptors_exhausted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_process_without_descriptors_is_told_apart() {
        for (code, is_exhausted) in [(23, true), (24, true), (2, false), (111, false)] {
            let error = std::io::Error::other(std::io::Error::from_raw_os_error(code));
            assert_eq!(are_descriptors_exhausted(&error), is_exhausted, "{code}");
        }
    }
}
