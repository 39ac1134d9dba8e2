//! Modbus RTU over a serial line of socat's: a real server, and answers of another question.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::counterpart::Board;
use crate::house::{House, soon};

/// Two ends of a line.
pub(crate) struct Line {
    socat: Child,
    folder: TempDir,
}

impl Line {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let end =
            |name: &str| format!("pty,raw,echo=0,link={}", folder.path().join(name).display());
        let socat = Command::new("socat")
            .args([end("ours"), end("theirs")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("this test needs the Debian package socat");
        let line = Self { socat, folder };
        soon("both ends of the line", async {
            while !line.ours().exists() || !line.theirs().exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        line
    }

    pub(crate) fn ours(&self) -> PathBuf {
        self.folder.path().join("ours")
    }

    pub(crate) fn theirs(&self) -> PathBuf {
        self.folder.path().join("theirs")
    }

    pub(crate) fn house(&self, missed: u8) -> House {
        House::of(&format!(
            "modbus = \"rtu://{}\"
parity = \"none\"
poll = \"20ms\"
timeout = \"300ms\"
missed = {missed}
[contacts.board.lines.door]
line = 3
debounce = \"0s\"
[contacts.board.lines.pump]
line = 5
debounce = \"0s\"
normally = \"open\"
",
            self.ours().display()
        ))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.socat.kill();
        let _ = self.socat.wait();
    }
}

fn board(theirs: &Path) -> Board {
    Board::at("rtu", &theirs.display().to_string())
}

#[tokio::test]
async fn a_board_on_a_serial_line_is_read_lost_and_found_again() {
    let line = Line::open().await;
    let mut server = board(&line.theirs());
    server.shows("discrete", 3, 1);
    let mut house = line.house(3);
    house.birth();
    assert!(!house.own().await.active, "it is found");
    assert_eq!(house.text().await, "door: normal, closed");
    assert_eq!(house.text().await, "pump: normal, open");
    server.shows("discrete", 5, 1);
    assert_eq!(house.text().await, "pump: alarm, closed");

    drop(server);
    let ended = house.end().await;
    assert!(ended.reason.contains("no answer within 300 ms"), "{}", ended.reason);
    assert!(ended.reason.starts_with("not seen: door, pump; "), "{}", ended.reason);
    let mut server = board(&line.theirs());
    server.shows("discrete", 3, 1);
    server.shows("discrete", 5, 1);
    house.birth();
    assert!(!house.own().await.active, "it is found again");
    assert_eq!(house.text().await, "door: seen again; normal, closed");
    assert_eq!(house.text().await, "pump: seen again; alarm, closed");
}

#[tokio::test]
async fn a_line_that_is_unplugged_or_absent_is_told_as_such() {
    let line = Line::open().await;
    let mut house = line.house(1);
    let path = line.ours();
    drop(line);
    house.birth();
    let ended = house.end().await;
    let absent = format!("the board did not answer 1 time: {} is not there", path.display());
    assert!(ended.reason.contains(&absent), "{}", ended.reason);
}
