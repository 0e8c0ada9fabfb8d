//! Recognises a process without free file descriptors. It cannot connect anywhere, and the reason "connect" would make an
//! operator check the network.

use std::error::Error;

/// The reason in place of "connect".
pub(crate) const NO_DESCRIPTORS: &str = "too many open files";
/// `ENFILE` (of the machine) and `EMFILE` (of the process), the same on Linux, macOS and the BSDs.
const NONE_LEFT: [i32; 2] = [23, 24];

/// Whether the error or one of its sources is `ENFILE` or `EMFILE`.
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
    fn only_exhausted_descriptors_are_recognised() {
        for (code, is_exhausted) in [(23, true), (24, true), (2, false), (111, false)] {
            let error = std::io::Error::other(std::io::Error::from_raw_os_error(code));
            assert_eq!(are_descriptors_exhausted(&error), is_exhausted, "{code}");
        }
    }
}
