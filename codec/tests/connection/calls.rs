//! Random calls, legal or not, on a connection and on the model.

use bojagi_codec::connection::*;
use bojagi_codec::{Body, Connection};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::model::{Left, Model, Said};
use super::{answer, decode, may_text};

/// A call, before it is known whether it is legal.
#[derive(Clone, Debug)]
enum Call {
    Request(Said),
    Response(Said),
    SendBody(u64),
    SendEnd,
    ReceiveBody(u64),
    ReceiveEnd,
    Close(usize),
}

fn said() -> impl Strategy<Value = Said> {
    let words = (
        select(&["GET", "GET", "HEAD", "POST", "POST", "CONNECT"][..]),
        select(&[100, 101, 101, 103, 200, 200, 200, 204, 304, 400][..]),
        prop::bool::weighted(0.1),
        select(&["", "", "", "", "", "", "close", "keep-alive"][..]),
    );
    let bits = (
        prop::bool::weighted(0.25),
        prop::bool::weighted(0.3),
        prop_oneof![
            3 => Just(None),
            3 => (0..4u64).prop_map(|length| Some(Left::Bytes(length))),
            2 => Just(Some(Left::Chunks)),
        ],
        prop::bool::weighted(0.02),
    );
    (words, bits).prop_map(|((method, status, is_old, connection), bits)| {
        let (upgrade, expect, body, is_broken) = bits;
        // Transfer-Encoding in HTTP/1.0 is a matter of the head alone.
        let body = if is_old && body == Some(Left::Chunks) { None } else { body };
        Said { method, status, is_old, connection, upgrade, expect, body, is_broken }
    })
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        4 => said().prop_map(Call::Request),
        4 => said().prop_map(Call::Response),
        3 => (0..4u64).prop_map(Call::SendBody),
        2 => Just(Call::SendEnd),
        3 => (1..4u64).prop_map(Call::ReceiveBody),
        2 => Just(Call::ReceiveEnd),
        1 => prop_oneof![3 => Just(0), 1 => 1..9usize].prop_map(Call::Close),
    ]
}

struct Run {
    role: u8,
    connection: Connection,
    body: Body,
    model: Model,
}

impl Run {
    fn new(client: bool) -> Self {
        let role = if client { BOJAGI_ROLE_CLIENT } else { BOJAGI_ROLE_SERVER };
        let (connection, body) = (Connection::new(role), Body::default());
        Self { role, connection, body, model: Model::new(client) }
    }

    /// What both answer.
    fn call(&mut self, call: &Call) -> (String, String) {
        let client = self.model.client;
        match call {
            Call::Request(said) if client => (self.send(&said.request()), self.model.request(said)),
            Call::Request(said) => (self.receive(&said.request()), self.model.request(said)),
            Call::Response(said) if client => {
                (self.receive(&said.response()), self.model.response(said))
            }
            Call::Response(said) => (self.send(&said.response()), self.model.response(said)),
            Call::SendBody(count) => {
                let result = self.connection.send_body(*count);
                (answer(&self.connection, result), self.model.send_body(*count))
            }
            Call::SendEnd => {
                let result = self.connection.send_end();
                (answer(&self.connection, result), self.model.send_end())
            }
            Call::ReceiveBody(count) => self.receive_body(Some(*count)),
            Call::ReceiveEnd => self.receive_body(None),
            Call::Close(left) => {
                let result = self.connection.received_close(*left);
                (answer(&self.connection, result), self.model.close(*left))
            }
        }
    }

    fn send(&mut self, head: &str) -> String {
        let result = self.connection.send_head(head.as_bytes());
        answer(&self.connection, result)
    }

    fn receive(&mut self, head: &str) -> String {
        let head = decode(&self.connection, self.role, head.as_bytes());
        let result = self.connection.received_head(&head);
        if result.is_ok() {
            self.body = Body::new(&head);
        }
        answer(&self.connection, result)
    }

    fn receive_body(&mut self, count: Option<u64>) -> (String, String) {
        let of_request = !self.model.client;
        let (data, count) = match (self.model.left(of_request), count) {
            (Left::Bytes(left), Some(count)) => (vec![b'x'; count as usize], Some(count.min(left))),
            (Left::UntilClose, Some(count)) => (vec![b'x'; count as usize], Some(count)),
            (Left::Chunks, Some(count)) => {
                (format!("{count:x}\r\n{}\r\n", "x".repeat(count as usize)).into(), Some(count))
            }
            (Left::Chunks, None) => (b"0\r\n\r\n".to_vec(), None),
            _ => return Default::default(),
        };
        let mut data = data;
        let (used, _) = self.body.compact(&mut data).unwrap();
        if count.is_none() {
            self.body.decode_trailers(None, &data[used..]).unwrap();
        }
        self.model.body(of_request, count);
        let result = self.connection.received_body(&self.body);
        (answer(&self.connection, result), String::new())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(6000) })]

    #[test]
    fn any_calls_do_what_a_look_back_at_all_messages_says(client: bool, calls in vec(call(), 0..60)) {
        let mut run = Run::new(client);
        for (index, call) in calls.iter().enumerate() {
            let (got, wanted) = run.call(call);
            let before = &calls[..index];
            prop_assert_eq!(got, wanted, "{:?} after {:#?}", call, before);
            let may = may_text(run.connection.may());
            prop_assert_eq!(may, run.model.may(), "after {:?} after {:#?}", call, before);
            let unanswered = usize::from(run.connection.awaiting);
            prop_assert_eq!(unanswered, run.model.unanswered(), "after {:?} after {:#?}", call, before);
        }
    }

    #[test]
    fn any_contents_of_the_struct_do_no_harm(bytes in vec(any::<u8>(), 88), calls in vec(call(), 1..20)) {
        let mut run = Run::new(bytes[0] & 1 == 0);
        // SAFETY: the struct is plain integers and as long as the bytes: any contents are valid.
        run.connection = unsafe { std::ptr::read_unaligned(bytes.as_ptr().cast()) };
        for call in &calls {
            may_text(run.connection.may());
            match call {
                Call::Request(said) if run.connection.may() & BOJAGI_MAY_READ_HEAD != 0 => {
                    let head = decode(&Connection::new(2), 2, said.request().as_bytes());
                    let _ = run.connection.received_head(&head);
                }
                Call::Request(said) => drop(run.connection.send_head(said.request().as_bytes())),
                Call::Response(said) => drop(run.connection.send_head(said.response().as_bytes())),
                Call::SendBody(count) => drop(run.connection.send_body(*count)),
                Call::SendEnd => drop(run.connection.send_end()),
                Call::ReceiveBody(_) | Call::ReceiveEnd => {
                    let _ = run.connection.received_body(&run.body);
                }
                Call::Close(left) => drop(run.connection.received_close(*left)),
            }
        }
    }
}
