//! Memory use of a process, as Linux reports it; not compared on other systems.

use super::ServiceProcess;

/// Memory figures of a process, in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Current use (`VmRSS`).
    pub now: u64,
    /// Peak use (`VmHWM`).
    pub most: u64,
}

impl Memory {
    /// Of the calling process.
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
    pub(crate) fn memory(&self) -> Option<Memory> {
        Memory::of(&self.id().to_string())
    }
}
