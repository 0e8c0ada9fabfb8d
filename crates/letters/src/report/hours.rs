//! When customers wrote: dialogs by the hour of the local day.

use pages::ReportPage;

use crate::report::parts::{Bar, Hours};
use crate::voice::Voice;

/// Pixels of the highest bar; all heights are multiples of [`STEP`], so that they stand in the grid of the letter.
const HIGHEST: u64 = 64;
const STEP: u64 = 4;
/// A mark is below every so many bars.
const HOURS_A_MARK: usize = 6;

/// The bars, if anybody wrote.
///
/// # Errors
/// A word that is missing.
pub(crate) fn hours(page: &ReportPage, voice: Voice<'_>) -> Result<Option<Hours>, String> {
    let counts = page.dialogs_by_hour(&voice.zone);
    let most = counts.iter().copied().max().unwrap_or_default();
    if most == 0 {
        return Ok(None);
    }
    let hour = |n: usize| format!("{n:02}:00–{:02}:00", n + 1);
    let bars = counts.iter().enumerate().map(|(n, count)| Bar {
        hour: hour(n),
        count: *count,
        height: (count * HIGHEST).div_ceil(most).next_multiple_of(STEP),
    });
    let mut busiest = (0..counts.len()).filter(|n| counts[*n] == most);
    let busiest = busiest.next().filter(|_| busiest.next().is_none());
    let told = voice.count("sum-dialogs", most)?;
    let busiest = busiest.map(|n| voice.fill("busiest-hour", &[("hour", &hour(n)), ("dialogs", &told)]));
    Ok(Some(Hours {
        bars: bars.collect(),
        marks: (0..24).step_by(HOURS_A_MARK).map(|n| format!("{n:02}:00")).collect(),
        busiest: busiest.transpose()?,
    }))
}
