//! The migrations are compiled in: a new one must reach a build that has nothing else to do.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
