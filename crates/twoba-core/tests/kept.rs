//! What the program of commit 8d3c7b9 has stored stays readable, and what is written today is
//! what it wrote.

#[path = "kept/walk.rs"]
mod walk;

use walk::{REPLAYS, Walk};

/// What the walks wrote when that program took them: two lines a record.
const RECORDS: &[u8] = include_bytes!("kept/8d3c7b9.records");

#[test]
fn the_same_sessions_write_the_same_bytes_as_ever() {
    let mut written = Vec::new();
    for (number, replay) in (1..).zip(REPLAYS) {
        for record in Walk::records(number, 150, replay) {
            written.extend_from_slice(record.expose());
            written.push(b'\n');
        }
    }
    assert!(written == RECORDS);
}
