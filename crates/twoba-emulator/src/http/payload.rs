//! Decides in which pieces a body leaves, up to the point where it breaks off; not what it says.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use thiserror::Error;

/// Filler is sent in pieces of this size, however huge the body.
const FILLER: &[u8] = &[b'x'; 16 * 1024];

/// A body on its way out.
pub(super) struct Payload(VecDeque<Piece>);

enum Piece {
    Text(Bytes),
    /// So many bytes of filler.
    Filler(u64),
    /// Lets what came before reach the wire.
    Pause,
    /// Breaks the connection.
    Break,
}

/// The body ends here on purpose, short of what its headers promise.
#[derive(Debug, Error)]
#[error("the body is cut off on purpose")]
pub(super) struct CutOff;

impl Payload {
    pub(super) fn whole(body: Bytes) -> Self {
        Self(VecDeque::from([Piece::Text(body)]))
    }

    /// The first half of `body`, and then the end of the connection.
    pub(super) fn half(mut body: Bytes) -> Self {
        body.truncate(body.len() / 2);
        Self(VecDeque::from([
            Piece::Text(body),
            Piece::Pause,
            Piece::Break,
        ]))
    }

    /// `before`, so many bytes of filler, `after`.
    pub(super) fn filled(before: &'static str, filler: u64, after: &'static str) -> Self {
        Self(VecDeque::from([
            Piece::Text(Bytes::from_static(before.as_bytes())),
            Piece::Filler(filler),
            Piece::Text(Bytes::from_static(after.as_bytes())),
        ]))
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        let Some(piece) = self.0.pop_front() else {
            return Poll::Ready(None);
        };
        match piece {
            Piece::Text(text) => Poll::Ready(Some(Ok(Frame::data(text)))),
            Piece::Filler(left) => {
                let size =
                    usize::try_from(left).map_or(FILLER.len(), |left| left.min(FILLER.len()));
                let filler = FILLER.get(..size).unwrap_or(FILLER);
                let left = left.saturating_sub(u64::try_from(size).unwrap_or(u64::MAX));
                if left > 0 {
                    self.0.push_front(Piece::Filler(left));
                }
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(filler)))))
            }
            Piece::Pause => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Piece::Break => Poll::Ready(Some(Err(CutOff))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let mut size = 0_u64;
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => {
                    size = size.saturating_add(u64::try_from(text.len()).unwrap_or(u64::MAX));
                }
                Piece::Filler(left) => size = size.saturating_add(*left),
                Piece::Pause => {}
                // What was promised is in the header, not here.
                Piece::Break => return SizeHint::default(),
            }
        }
        SizeHint::with_exact(size)
    }
}
