//! A board of Modbus TCP that answers as the test wants: late, wrongly, in pieces, or not at all.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How a question is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    /// As it should be: this bit.
    Bit(bool),
    /// The same, so late.
    Late(bool, Duration),
    /// Not at all.
    Nothing,
    /// With the number of another question.
    OfAnother(bool),
    /// With these bytes after the header, whatever they are.
    Bytes(&'static [u8]),
    /// By cutting the connection.
    Cut,
    /// With this exception.
    Exception(u8),
}

/// What becomes of a coil that is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Coils {
    /// It is answered like every other question, which is no answer to a write.
    AsAny,
    /// The write is echoed, and the coil shows this all the same.
    Stuck(bool),
    /// The write is echoed, and coils cannot be read.
    Unreadable,
}

/// The board; it serves one connection after the other, and several at once.
pub(crate) struct Scripted {
    pub(crate) port: u16,
    answer: Arc<Mutex<(Vec<Answer>, Answer)>>,
    coils: Arc<Mutex<Coils>>,
    _serving: JoinSet<()>,
}

impl Scripted {
    /// A board that answers so, until it is told something else.
    pub(crate) async fn open(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer = Arc::new(Mutex::new((Vec::new(), answer)));
        let coils = Arc::new(Mutex::new(Coils::AsAny));
        let (answers, set) = (Arc::clone(&answer), Arc::clone(&coils));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&answers), Arc::clone(&set)));
            }
        });
        Self { port, answer, coils, _serving: serving }
    }

    /// What becomes of coils that are set, from now on.
    pub(crate) fn coils(&self, coils: Coils) {
        *self.coils.lock().unwrap() = coils;
    }

    /// First these, one question each; then always this.
    pub(crate) fn answers(&self, first: &[Answer], then: Answer) {
        let mut first = first.to_vec();
        first.reverse();
        *self.answer.lock().unwrap() = (first, then);
    }
}

async fn serve(
    mut stream: TcpStream,
    answers: Arc<Mutex<(Vec<Answer>, Answer)>>,
    coils: Arc<Mutex<Coils>>,
) {
    let mut question = [0; 12];
    while stream.read_exact(&mut question).await.is_ok() {
        let coils = *coils.lock().unwrap();
        let of_coil = match (question[7], coils) {
            (1 | 5, Coils::AsAny) => None,
            (5, _) => Some(question[7..].to_vec()),
            (1, Coils::Stuck(shows)) => Some(vec![1, 1, u8::from(shows)]),
            (1, Coils::Unreadable) => Some(vec![0x81, 1]),
            _ => None,
        };
        let answer = if of_coil.is_some() {
            Answer::Nothing
        } else {
            let mut answers = answers.lock().unwrap();
            answers.0.pop().unwrap_or(answers.1)
        };
        let bit = |bit: bool| vec![question[7], 1, u8::from(bit)];
        let (number, body) = match answer {
            _ if of_coil.is_some() => (question[1], of_coil.unwrap_or_default()),
            Answer::Bit(is) => (question[1], bit(is)),
            Answer::Late(is, late) => {
                tokio::time::sleep(late).await;
                (question[1], bit(is))
            }
            Answer::Nothing => continue,
            Answer::OfAnother(is) => (question[1].wrapping_add(1), bit(is)),
            Answer::Bytes(bytes) => (question[1], bytes.to_vec()),
            Answer::Cut => return,
            Answer::Exception(code) => (question[1], vec![question[7] | 0x80, code]),
        };
        let length = u16::try_from(body.len() + 1).unwrap().to_be_bytes();
        let head = [question[0], number, 0, 0, length[0], length[1], question[6]];
        if stream.write_all(&[&head[..], &body].concat()).await.is_err() {
            return;
        }
    }
}
