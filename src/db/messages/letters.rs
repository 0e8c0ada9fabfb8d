//! Letters that wait for somebody to change a setting.

/// Makes letters that waited for somebody to put a setting right due now: at a start it may have been done. Answers how
/// many.
#[derive(Debug, Clone, Copy)]
pub struct ReleaseHeldLetters;
