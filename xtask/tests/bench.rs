//! The bench works: a few messages through the service of this build and through the null client.

use std::process::Command;

use serde_json::Value;

#[test]
fn a_small_bench_answers_every_customer_and_prints_its_figures() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("bench.jsonl");
    let xtask = env!("CARGO_BIN_EXE_xtask");
    let bench = Command::new(xtask)
        .args([
            "bench",
            "--as-built",
            "--cases",
            "tput",
            "--customers",
            "5",
            "--messages",
            "20",
        ])
        // The service of this build, which fails on purpose only with arguments.
        .args(["--binary", xtask, "--command", "service", "--folder"])
        .arg(folder.path())
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    let table = String::from_utf8_lossy(&bench.stdout);
    assert!(
        bench.status.success(),
        "{table}{}",
        String::from_utf8_lossy(&bench.stderr)
    );
    let lines = std::fs::read_to_string(out).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let bots: Vec<&str> = lines.iter().map(|line| line["bot"].as_str().unwrap()).collect();
    assert_eq!(bots, ["null", "frontdesk"]);
    for line in &lines {
        assert!(line["messages"].as_u64().unwrap() >= 20, "{line}");
        assert_eq!(line["surprises"], 0, "{line}");
        for figure in [
            "messages_per_second",
            "own_delay_p50_ms",
            "own_delay_p99_ms",
            "start_ms",
            "stop_ms",
        ] {
            assert!(line[figure].as_f64().unwrap() > 0.0, "{figure} in {line}");
        }
        let row = |row: &&str| row.starts_with("tput") && row.contains(line["bot"].as_str().unwrap());
        assert!(table.lines().any(|line| row(&line)), "{table}");
    }
}
