//! The binary: an exit code around the library.

fn main() -> std::process::ExitCode {
    frontdesk::main()
}
