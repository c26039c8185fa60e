//! Receiving one frame in a buffer of the caller, in which HTTP may have stood before.

use super::{BETWEEN, Buffer, Failure, TUNNEL, wide};
use crate::error::Cause;
use crate::net::frame::{Format, Found};

/// In a frame, whose first byte is at `start` and which was searched as far as `next`.
const IN_FRAME: u32 = 5;
/// The same, in a tunnel.
const IN_TUNNELLED: u32 = 6;

impl Buffer {
    /// Receives until one frame is complete; the length of its payload, which stands at `body`. None
    /// when the peer closed before it began.
    ///
    /// After a failure of the transport, or with more memory after a lack of it, the next call goes on
    /// where this one stopped.
    pub fn recv_frame<E>(
        &mut self,
        memory: &mut [u8],
        format: &Format<'_>,
        mut recv: impl FnMut(&mut [u8]) -> Result<usize, E>,
    ) -> Result<Option<usize>, Failure<E>> {
        self.begin_frame(memory)?;
        loop {
            let received = memory.get(self.start..self.end).unwrap_or(&[]);
            let found = format.decode(received, self.next.saturating_sub(self.start));
            match found.map_err(Failure::Frame)? {
                Found::Whole(frame) => {
                    self.body = self.start + frame.off;
                    self.end_frame(self.start + frame.total);
                    return Ok(Some(frame.len));
                }
                Found::Part { searched, total } => {
                    self.next = self.start + searched;
                    self.make_frame_room(memory, total)?;
                }
            }
            if self.fill(memory, &mut recv)? == 0 {
                if self.start < self.end {
                    return Err(Failure::Truncated(wide(self.end - self.start)));
                }
                self.end_frame(self.end);
                return Ok(None);
            }
        }
    }

    fn begin_frame<E>(&mut self, memory: &[u8]) -> Result<(), Failure<E>> {
        self.check(memory)?;
        self.state = match self.state {
            IN_FRAME | IN_TUNNELLED if self.start <= self.next => return Ok(()),
            IN_FRAME | IN_TUNNELLED => return Err(Failure::Corrupt),
            BETWEEN => IN_FRAME,
            TUNNEL => IN_TUNNELLED,
            _ => return Err(Failure::State("receive the HTTP message to its end first")),
        };
        self.begin_at(self.next);
        Ok(())
    }

    fn end_frame(&mut self, next: usize) {
        (self.next, self.trailers) = (next, next);
        self.state = if self.state == IN_FRAME { BETWEEN } else { TUNNEL };
    }

    /// Moves the frame to the front when it does not fit where it is, once at most.
    fn make_frame_room<E>(
        &mut self,
        memory: &mut [u8],
        total: Option<u64>,
    ) -> Result<(), Failure<E>> {
        let room = wide(self.cap.saturating_sub(self.start));
        let is_short = total.is_some_and(|total| total > room);
        if self.start > 0 && (is_short || self.start == self.end || self.end == self.cap) {
            let searched = self.next.saturating_sub(self.start);
            self.move_to_front(memory);
            self.begin_at(0);
            self.next = searched;
        }
        match total {
            Some(len) if len > wide(self.cap) => {
                Err(Failure::Frame(Cause::FrameSpace { len, cap: self.cap }))
            }
            _ if self.end == self.cap => Err(Failure::Full),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buffer::tests::Peer;
    use crate::net::frame::Mark;

    /// What comes out: payloads, then how it ended.
    fn read(script: &[u8], step: usize, cap: usize, format: &Format<'_>) -> (Vec<Vec<u8>>, String) {
        let mut memory = vec![0; cap];
        let mut buffer = Buffer::new(memory.as_mut_ptr(), cap);
        let mut peer = Peer { script, step, fails: false };
        let mut payloads = Vec::new();
        loop {
            match buffer.recv_frame(&mut memory, format, |room| peer.recv(room)) {
                Ok(Some(len)) => payloads.push(memory[buffer.body..buffer.body + len].to_vec()),
                Ok(None) => return (payloads, "end".to_owned()),
                Err(Failure::Transport(_)) => {}
                Err(failure) => return (payloads, format!("{failure:?}")),
            }
        }
    }

    #[test]
    fn any_cut_and_any_size_of_the_buffer_give_the_same_frames() {
        let payloads: Vec<Vec<u8>> =
            [0, 1, 12, 0, 3, 7, 12, 12, 2].map(|len| b"ab\rab\rab\rab\r"[..len].to_vec()).to_vec();
        let marks = [
            Mark::Length { width: 2, is_little: true },
            Mark::Varint,
            Mark::Delimiter(b"\n"),
            Mark::Delimiter(b"\r\n.\r\n"),
        ];
        for mark in marks {
            let format = Format { mark, limit: 12 };
            let whole = |payload: &Vec<u8>| {
                [format.prefix(payload.len()).unwrap().bytes(), payload, format.suffix()].concat()
            };
            let script: Vec<u8> = payloads.iter().flat_map(whole).collect();
            let longest = payloads.iter().map(|payload| whole(payload).len()).max().unwrap();
            for cap in longest..longest + 30 {
                for step in 1..script.len() {
                    let expected = (payloads.clone(), "end".to_owned());
                    assert_eq!(read(&script, step, cap, &format), expected, "{cap} {step}");
                }
            }
            for cut in 1..whole(&payloads[8]).len() {
                let cut_script = &script[..script.len() - cut];
                let (got, end) = read(cut_script, 3, longest, &format);
                assert!(got == payloads[..8] && end.starts_with("Truncated"), "{end}");
            }
            let (got, end) = read(&script, 3, longest - 1, &format);
            assert!(got == payloads[..2] && (end == "Full" || end.contains("FrameSpace")), "{end}");
            let tight = Format { mark, limit: 11 };
            let (got, end) = read(&script, 3, 64, &tight);
            assert!(got == payloads[..2] && end.contains("FrameLimit(11)"), "{end}");
        }
    }
}
