//! What a process takes of the machine's memory, as Linux tells it; elsewhere nobody tells, and nothing is compared.

use super::ServiceProcess;

/// Figures of a process, in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    /// What it takes now (`VmRSS`).
    pub now: u64,
    /// The most it ever took (`VmHWM`).
    pub most: u64,
}

impl Memory {
    /// Of the process that asks.
    pub(crate) fn own() -> Option<Self> {
        Self::of("self")
    }

    #[cfg(target_os = "linux")]
    fn of(process: &str) -> Option<Self> {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let figure = |name: &str| {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line?.trim().strip_suffix(" kB")?.parse().ok()
        };
        Some(Self {
            now: figure("VmRSS")?,
            most: figure("VmHWM")?,
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn of(_process: &str) -> Option<Self> {
        None
    }
}

impl ServiceProcess {
    /// What it takes of memory.
    pub(crate) fn memory(&self) -> Option<Memory> {
        Memory::of(&self.id().to_string())
    }
}
