//! Unread lines and the last lines of a process.

use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

const SOON: Duration = Duration::from_secs(60);

/// A reader that accepts lines only when allowed to.
struct Reader {
    go_on: Sender<bool>,
    began: Receiver<()>,
    written: Arc<Mutex<Vec<u8>>>,
}

struct Sink {
    gate: Receiver<bool>,
    began: Sender<()>,
    written: Arc<Mutex<Vec<u8>>>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.began.send(());
        match self.gate.recv() {
            Ok(false) => Err(io::ErrorKind::BrokenPipe.into()),
            _ => {
                self.written.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Reader {
    fn of(max_bytes: usize) -> (Self, Queue) {
        let ((go_on, gate), (begin, began)) = (channel(), channel());
        let written = Arc::<Mutex<Vec<u8>>>::default();
        let sink = Sink {
            gate,
            began: begin,
            written: Arc::clone(&written),
        };
        let queue = Queue::start(Box::new(sink), max_bytes, |count| format!("{count} lost")).unwrap();
        (Self { go_on, began, written }, queue)
    }

    /// Reads on, waits until everything is written, and returns it.
    fn reads_on(self, queue: &Queue) -> String {
        // A closed gate lets every write pass.
        drop(self.go_on);
        assert!(queue.flush(SOON));
        String::from_utf8(self.written.lock().unwrap().clone()).unwrap()
    }
}

fn log(queue: &mut Queue, lines: impl IntoIterator<Item = u32>) {
    for n in lines {
        queue.write_all(format!("line {n:03}\n").as_bytes()).unwrap();
    }
}

fn lines(numbers: impl IntoIterator<Item = u32>) -> String {
    numbers.into_iter().map(|n| format!("line {n:03}\n")).collect()
}

#[test]
fn every_line_arrives_in_order_while_there_is_room() {
    let (reader, mut queue) = Reader::of(9 * 500);
    log(&mut queue, 0..500);
    assert_eq!(reader.reads_on(&queue), lines(0..500));
}

#[test]
fn an_unread_log_keeps_its_last_lines_and_counts_the_lost_ones() {
    let (reader, mut queue) = Reader::of(9 * 10);
    log(&mut queue, 0..1);
    // The thread is blocked while it writes the first line.
    reader.began.recv().unwrap();
    log(&mut queue, 1..=200);
    assert_eq!(reader.reads_on(&queue), lines(0..1) + "190 lost\n" + &lines(191..=200));
}

#[test]
fn lines_that_could_not_be_written_are_counted_with_the_next() {
    let (reader, mut queue) = Reader::of(9 * 10);
    reader.go_on.send(false).unwrap();
    log(&mut queue, 0..1);
    queue.flush(SOON);
    log(&mut queue, 1..2);
    assert_eq!(reader.reads_on(&queue), "1 lost\n".to_owned() + &lines(1..2));
}

#[test]
fn one_line_longer_than_the_bound_is_kept() {
    let (reader, mut queue) = Reader::of(4);
    log(&mut queue, 7..8);
    assert_eq!(reader.reads_on(&queue), lines(7..8));
}

#[test]
fn a_flush_of_an_unread_log_ends() {
    let (reader, mut queue) = Reader::of(9 * 10);
    log(&mut queue, 0..3);
    reader.began.recv().unwrap();
    assert!(!queue.flush(Duration::from_millis(1)), "it was not enough");
    assert_eq!(*reader.written.lock().unwrap(), b"");
}
