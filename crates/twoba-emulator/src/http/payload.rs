//! Sends a body in pieces, up to the point where it breaks off.

use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use thiserror::Error;
use tokio::time::{Sleep, sleep};

use super::follow::{Follow, Told};

/// A piece of filler. A huge body is sent in such pieces.
const FILLER: &[u8] = &[b'x'; 16 * 1024];

/// How many drops a second a dripping body has, unless a drop would be less than a byte.
const DROPS_A_SECOND: u64 = 10;

/// How often to look for new events.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A body on its way out.
pub(super) struct Payload {
    pieces: VecDeque<Piece>,
    /// The timer before the next piece.
    timer: Option<Pin<Box<Sleep>>>,
}

enum Piece {
    Text(Bytes),
    /// This many bytes of filler.
    Filler(u64),
    /// These bytes at this many a second.
    Drip(Bytes, NonZeroU64),
    /// The events, as long as there are any.
    Follow(Follow),
    /// A pause that lets the earlier pieces reach the wire.
    Pause,
    /// Breaks the connection.
    Break,
}

/// The error that ends a body early on purpose.
#[derive(Debug, Error)]
#[error("the body is cut off on purpose")]
pub(super) struct CutOff;

impl Payload {
    pub(super) fn whole(body: Bytes) -> Self {
        Self::of([Piece::Text(body)])
    }

    /// The first half of `body`, and then the end of the connection.
    pub(super) fn half(mut body: Bytes) -> Self {
        body.truncate(body.len() / 2);
        Self::of([Piece::Text(body), Piece::Pause, Piece::Break])
    }

    /// `before`, this many bytes of filler, `after`.
    pub(super) fn filled(before: &'static str, filler: u64, after: &'static str) -> Self {
        Self::of([
            Piece::Text(Bytes::from_static(before.as_bytes())),
            Piece::Filler(filler),
            Piece::Text(Bytes::from_static(after.as_bytes())),
        ])
    }

    /// `body`, at this many bytes a second.
    pub(super) fn dripping(body: Bytes, bytes_per_second: NonZeroU64) -> Self {
        Self::of([Piece::Drip(body, bytes_per_second)])
    }

    /// The events as they happen.
    pub(super) fn following(follow: Follow) -> Self {
        Self::of([Piece::Follow(follow)])
    }

    fn of<const COUNT: usize>(pieces: [Piece; COUNT]) -> Self {
        Self {
            pieces: VecDeque::from(pieces),
            timer: None,
        }
    }

    /// The next drop of a body. The rest follows after the time that the rate asks for.
    fn drip(&mut self, mut body: Bytes, rate: NonZeroU64) -> Bytes {
        let size = usize::try_from(rate.get().div_ceil(DROPS_A_SECOND)).unwrap_or(usize::MAX);
        let drop = body.split_to(size.min(body.len()));
        if !body.is_empty() {
            let bytes = u64::try_from(drop.len()).unwrap_or(u64::MAX);
            let pause = Duration::from_nanos(bytes.saturating_mul(1_000_000_000) / rate);
            self.timer = Some(Box::pin(sleep(pause)));
            self.pieces.push_front(Piece::Drip(body, rate));
        }
        drop
    }

    fn next_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        let Some(piece) = self.pieces.pop_front() else {
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
                    self.pieces.push_front(Piece::Filler(left));
                }
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(filler)))))
            }
            Piece::Drip(body, rate) => Poll::Ready(Some(Ok(Frame::data(self.drip(body, rate))))),
            Piece::Follow(follow) => self.follow(follow, context),
            Piece::Pause => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Piece::Break => Poll::Ready(Some(Err(CutOff))),
        }
    }

    /// The next lines. If there are none yet, it looks again a little later.
    fn follow(
        &mut self,
        mut follow: Follow,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        let told = follow.tell();
        match told {
            Told::Lines(lines) => {
                self.pieces.push_front(Piece::Follow(follow));
                Poll::Ready(Some(Ok(Frame::data(lines))))
            }
            Told::Nothing => {
                self.pieces.push_front(Piece::Follow(follow));
                let mut timer = Box::pin(sleep(LOOK_AGAIN));
                // A timer that was never asked wakes nobody.
                if timer.as_mut().poll(context).is_ready() {
                    context.waker().wake_by_ref();
                }
                self.timer = Some(timer);
                Poll::Pending
            }
            Told::End => Poll::Ready(None),
        }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        if let Some(timer) = &mut self.timer {
            ready!(timer.as_mut().poll(context));
            self.timer = None;
        }
        self.next_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let mut size = 0_u64;
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) | Piece::Drip(text, _) => {
                    size = size.saturating_add(u64::try_from(text.len()).unwrap_or(u64::MAX));
                }
                Piece::Filler(left) => size = size.saturating_add(*left),
                Piece::Pause => {}
                // Nobody knows how much there will be.
                Piece::Follow(_) => return SizeHint::default(),
                // What was promised is in the header, not here.
                Piece::Break => return SizeHint::default(),
            }
        }
        SizeHint::with_exact(size)
    }
}
