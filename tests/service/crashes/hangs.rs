//! A system call that never returns (disk, name server) does not keep a process alive after a stop.

use std::path::Path;
use std::sync::Arc;

use base::{Clock, Events, Step, StepFault, StepHook, StepName, Steps};
use clap::{Args, Command, FromArgMatches};
use frontdesk::Runtime;
use frontdesk::{Config, Requirements, Settings};
use sandbox::Echo;

use crate::harness::{ServiceProcess, becomes};

/// The full name of the test that acts as the binary.
const LIFE: &str = "crashes::hangs::a_run_with_a_disk_that_may_hang";
/// Set in that process.
const VARIABLE: &str = "FRONTDESK_TEST_HANGING_DISK";
/// The file that makes the disk hang, and the file that confirms it.
const HANG: &str = "hang";
const HANGS: &str = "hangs";

struct HangingDisk;

impl StepHook for HangingDisk {
    fn at(&self, step: Step) -> Result<(), StepFault> {
        if step.name == StepName::Commit && Path::new(HANG).exists() {
            std::fs::write(HANGS, "").unwrap();
            loop {
                std::thread::park();
            }
        }
        Ok(())
    }
}

/// Not a test: `frontdesk run` with that disk.
#[test]
fn a_run_with_a_disk_that_may_hang() {
    if std::env::var(VARIABLE).is_err() {
        return;
    }
    let matches = Settings::augment_args(Command::new("life")).get_matches_from(["life"]);
    let settings = Settings::from_arg_matches(&matches).unwrap();
    let config = Config::resolve(&settings, Requirements::Run, &|name| std::env::var(name).ok()).unwrap();
    frontdesk::init_log(&config.log, &[], &config.limits).unwrap();
    let mut runtime = Runtime::new(Clock::system(), Events::default(), &config.limits);
    runtime.steps = Steps::watched_by(Arc::new(HangingDisk));
    let code = frontdesk::serve(&config, runtime).unwrap();
    assert_eq!(code, std::process::ExitCode::SUCCESS, "a second signal came");
}

/// A service whose disk hangs while a customer's message is in progress.
async fn hanging() -> ServiceProcess {
    let mut service = ServiceProcess::new(Echo, &[(VARIABLE, "1")]).run_by_test(LIFE);
    service.start();
    service.answers("while the disk works", 1).await;
    std::fs::write(service.folder().join(HANG), "").unwrap();
    service.sandbox().telegram().say(1, "while it hangs");
    let hangs = service.folder().join(HANGS);
    assert!(becomes(|| hangs.exists()).await, "the disk hangs");
    service
}

/// The service works again: messages sent meanwhile are answered once.
async fn works_again(service: &mut ServiceProcess) {
    std::fs::remove_file(service.folder().join(HANG)).unwrap();
    service.start();
    service.delivers(2).await;
    service.settles().await;
    assert_eq!(service.doubles(), (0, Vec::new()));
}

#[actix_rt::test]
async fn a_stop_ends_a_process_whose_disk_hangs() {
    let mut service = hanging().await;
    assert!(service.terminate().await.success());
    assert!(
        service.log().contains("shutdown_timeout part=database"),
        "it was waited for"
    );
    works_again(&mut service).await;
}

#[actix_rt::test]
async fn a_second_signal_ends_a_process_whose_disk_hangs() {
    let mut service = hanging().await;
    service.signal_term();
    service.logs("stopping").await;
    service.signal_term();
    assert!(!service.ended().await.success());
    assert!(
        !service.log().contains("shutdown_timeout part=database"),
        "nothing more was waited for"
    );
    works_again(&mut service).await;
}
