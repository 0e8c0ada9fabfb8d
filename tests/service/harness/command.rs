//! The real binary on the database of the running service, as the operator runs it.

use std::process::{Command, Output};

use super::{OWNER, TestService};

/// Runs a command.
pub(crate) fn frontdesk(service: &TestService, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_frontdesk"))
        .args(args)
        .current_dir(service.folder())
        .env_clear()
        .env("DATABASE_URL", format!("sqlite://{}", service.database().display()))
        .env("TIME_ZONE", "Europe/Moscow")
        .env("OWNER_EMAIL", OWNER)
        .output()
        .unwrap()
}

/// The output of a command that must succeed.
pub(crate) fn printed(service: &TestService, args: &[&str]) -> String {
    let output = frontdesk(service, args);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs the body of the test `name` in a separate process: starts this test binary again for that test alone.
pub(crate) async fn alone(name: &str, body: impl Future<Output = ()>) {
    const CHILD: &str = "FRONTDESK_TEST_ALONE";
    if std::env::var_os(CHILD).is_some_and(|of| of == name) {
        return body.await;
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(CHILD, name)
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout).into_owned() + &String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success() && output.contains("1 passed"), "{output}");
}
