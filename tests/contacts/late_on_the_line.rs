//! A board of Modbus RTU whose answers come after their time: on a serial line nothing tells them from those of the next question.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;
use tokio_serial::SerialStream;

use crate::serial_line::Line;

/// The check of a frame (Modbus over Serial Line V1.02, 6.2.2).
pub(crate) fn crc(frame: &[u8]) -> [u8; 2] {
    let mut crc = 0xffff_u16;
    for byte in frame {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xa001 } else { crc >> 1 };
        }
    }
    crc.to_le_bytes()
}

/// How late the next answers are, and which inputs are on.
type Script = Arc<Mutex<(VecDeque<Duration>, Vec<u8>)>>;

/// Answers one question after the other, each in its own time.
fn board(theirs: &Path, script: Script) -> JoinSet<()> {
    let mut line =
        SerialStream::open(&tokio_serial::new(theirs.to_string_lossy(), 19_200)).unwrap();
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut question = [0; 8];
        while line.read_exact(&mut question).await.is_ok() {
            let (late, is_on) = {
                let mut script = script.lock().unwrap();
                (script.0.pop_front().unwrap_or_default(), script.1.contains(&question[3]))
            };
            tokio::time::sleep(late).await;
            let answer = [question[0], question[1], 1, u8::from(is_on)];
            let frame = [&answer[..], &crc(&answer)].concat();
            if line.write_all(&frame).await.is_err() {
                return;
            }
        }
    });
    serving
}

#[tokio::test]
async fn a_late_answer_on_a_serial_line_is_thrown_away_before_anything_is_asked_again() {
    let line = Line::open().await;
    // The door is closed, the pump stands still: an answer about the door, taken for one about the pump, is an alarm.
    let script: Script = Arc::new(Mutex::new((VecDeque::new(), vec![3])));
    let _serving = board(&line.theirs(), Arc::clone(&script));
    let mut house = line.house(100);
    house.birth();
    assert!(!house.own().await.active, "it is found");
    assert_eq!(house.text().await, "door: normal, closed");
    assert_eq!(house.text().await, "pump: normal, open");
    for missed in 1..=4 {
        script.lock().unwrap().0.push_back(Duration::from_millis(450));
        house.until_counted("answers_missed", missed).await;
    }
    script.lock().unwrap().1.push(5);
    assert_eq!(house.text().await, "pump: alarm, closed", "which is true now");
    assert_eq!(house.counter("signals"), 3, "and nothing else was told meanwhile");
}
