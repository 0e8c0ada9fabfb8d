//! Resource use of processes, as Linux counts it; unknown on other systems.

/// USER_HZ of Linux: the unit of CPU times below `/proc`.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU times so far, in seconds.
pub(super) struct Cpu {
    pub(super) bot: Option<f64>,
    /// This process: stand-ins and customers.
    pub(super) own: Option<f64>,
    /// Everything else.
    pub(super) others: Option<f64>,
}

impl Cpu {
    pub(super) fn with_bot(pid: u32) -> Self {
        let (bot, own) = (of_process(&pid.to_string()), of_process("self"));
        let others = || Some(of_machine()? - bot? - own?);
        Self {
            others: others(),
            bot,
            own,
        }
    }
}

fn of_process(process: &str) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name may contain anything, so count from its end: utime and stime are the 14th and 15th field.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}

/// Without idle and disk wait; guests are already in `user`.
fn of_machine() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let fields = stat.lines().next()?.split_whitespace();
    let fields: Vec<f64> = fields.skip(1).flat_map(str::parse).collect();
    let [user, nice, system, _idle, _iowait, irq, softirq, ..] = fields[..] else {
        return None;
    };
    Some((user + nice + system + irq + softirq) / TICKS_PER_SECOND)
}

/// `VmRSS` or `VmHWM` (the peak) of a process, in MB.
pub(super) fn memory_mb(pid: u32, name: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kilobytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes / 1_024.0)
}
