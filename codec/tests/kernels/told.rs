//! What a head tells its caller, all of it, and the ways to have it decoded.

use std::mem::MaybeUninit;

use bojagi_codec::simd::Level;
use bojagi_codec::{Error, Fault, Field, Head, Rules, Span};

/// What is known before the first byte.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    pub rules: &'a Rules,
    /// Responses: the method of the request.
    pub answers: Option<u8>,
    /// Ids and framing are asked for.
    pub full: bool,
}

impl Case<'_> {
    pub fn request(rules: &Rules) -> Case<'_> {
        Case { rules, answers: None, full: true }
    }

    /// The same, of which only the spans are asked for.
    pub fn blind(self) -> Self {
        Self { full: false, ..self }
    }
}

/// All that is public of a head, beside the answer of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub answer: Result<usize, Error>,
    pub content_length: u64,
    pub length: u32,
    pub spans: [Span; 3],
    pub status: u16,
    pub version: u8,
    pub method_id: u8,
    pub framing: u8,
    pub target_form: u8,
    pub flags: u16,
    pub fault: Fault,
    pub fields: Vec<Field>,
}

impl Told {
    /// Without what only full decoding tells.
    pub fn without_meaning(mut self) -> Self {
        (self.content_length, self.framing, self.flags) = (0, 0, 0);
        self.fields.iter_mut().for_each(|field| field.id = 0);
        self
    }
}

/// A head with its array of fields, which grows when there is no more room in it.
pub struct Reader<'a> {
    case: Case<'a>,
    head: Head,
    fields: Vec<MaybeUninit<Field>>,
}

impl<'a> Reader<'a> {
    pub fn new(case: Case<'a>, room: usize) -> Self {
        Self { case, head: Head::new(case.rules), fields: vec![MaybeUninit::uninit(); room] }
    }

    /// Ready for another message.
    pub fn reset(&mut self) {
        self.head.reset();
    }

    /// One call with the first `end` of the bytes, all of which may be read.
    pub fn look(&mut self, level: Level, bytes: &[u8], end: usize) -> Told {
        let Case { answers, full, .. } = self.case;
        loop {
            let fields = Some(&mut self.fields[..]);
            let answer = self.head.decode_at(level, fields, (bytes, end), answers, full);
            if answer != Err(Error::Space) {
                return self.told(answer);
            }
            self.fields.push(MaybeUninit::uninit());
        }
    }

    fn told(&self, answer: Result<usize, Error>) -> Told {
        let head = &self.head;
        let count = usize::try_from(head.field_count).unwrap();
        // SAFETY: the decoder has written as many fields as it says.
        let fields = self.fields[..count].iter().map(|field| unsafe { field.assume_init() });
        Told {
            answer,
            content_length: head.content_length,
            length: head.length,
            spans: [head.method, head.target, head.reason_phrase],
            status: head.status,
            version: head.version,
            method_id: head.method_id,
            framing: head.framing,
            target_form: head.target_form,
            flags: head.flags,
            fault: head.fault,
            fields: fields.collect(),
        }
    }
}

/// What the machine alone tells after each byte, from none to all: nothing is ever whole, so nothing is swept.
pub fn byte_by_byte(case: Case<'_>, data: &[u8]) -> Vec<Told> {
    let mut reader = Reader::new(case, 300);
    (0..=data.len()).map(|end| reader.look(Level::Swar, &data[..end], end)).collect()
}
