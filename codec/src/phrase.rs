//! The phrases that IANA lists for the statuses, one behind the other.

/// The phrase of a status; empty where IANA lists none.
pub fn status_phrase(status: u32) -> &'static str {
    let phrase = phrase_for_c(status);
    phrase.strip_suffix('\0').unwrap_or(phrase)
}

/// The same with a NUL behind it.
pub(crate) fn phrase_for_c(status: u32) -> &'static str {
    match place(status).and_then(|place| STARTS.get(place..)) {
        Some([start, end, ..]) if start < end => {
            JOINED.get(usize::from(*start)..usize::from(*end)).unwrap_or("\0")
        }
        _ => "\0",
    }
}

const PHRASES: [(u32, &str); 60] = [
    (100, "Continue"),
    (101, "Switching Protocols"),
    (102, "Processing"),
    (103, "Early Hints"),
    (200, "OK"),
    (201, "Created"),
    (202, "Accepted"),
    (203, "Non-Authoritative Information"),
    (204, "No Content"),
    (205, "Reset Content"),
    (206, "Partial Content"),
    (207, "Multi-Status"),
    (208, "Already Reported"),
    (226, "IM Used"),
    (300, "Multiple Choices"),
    (301, "Moved Permanently"),
    (302, "Found"),
    (303, "See Other"),
    (304, "Not Modified"),
    (305, "Use Proxy"),
    (307, "Temporary Redirect"),
    (308, "Permanent Redirect"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (402, "Payment Required"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (406, "Not Acceptable"),
    (407, "Proxy Authentication Required"),
    (408, "Request Timeout"),
    (409, "Conflict"),
    (410, "Gone"),
    (411, "Length Required"),
    (412, "Precondition Failed"),
    (413, "Content Too Large"),
    (414, "URI Too Long"),
    (415, "Unsupported Media Type"),
    (416, "Range Not Satisfiable"),
    (417, "Expectation Failed"),
    (421, "Misdirected Request"),
    (422, "Unprocessable Content"),
    (423, "Locked"),
    (424, "Failed Dependency"),
    (425, "Too Early"),
    (426, "Upgrade Required"),
    (428, "Precondition Required"),
    (429, "Too Many Requests"),
    (431, "Request Header Fields Too Large"),
    (451, "Unavailable For Legal Reasons"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (504, "Gateway Timeout"),
    (505, "HTTP Version Not Supported"),
    (506, "Variant Also Negotiates"),
    (507, "Insufficient Storage"),
    (508, "Loop Detected"),
    (511, "Network Authentication Required"),
];

/// The places of the classes from 1xx to 5xx, each as long as the statuses go that have a phrase.
const CLASSES: [u8; 6] = [0, 4, 31, 40, 92, 104];

/// Where a status stands in [`STARTS`].
const fn place(status: u32) -> Option<usize> {
    let (class, rest) = (status / 100, status % 100);
    if class < 1 || class > 5 {
        return None;
    }
    let place = CLASSES[class as usize - 1] as usize + rest as usize;
    if place < CLASSES[class as usize] as usize { Some(place) } else { None }
}

/// Where each phrase begins, which is where the one before it ends; one that is not there is empty.
static STARTS: [u16; CLASSES[5] as usize + 1] = starts();
/// The phrases, each with its NUL.
const JOINED: &str = match core::str::from_utf8(&joined()) {
    Ok(joined) => joined,
    Err(_) => panic!("a phrase is not ASCII"),
};

const fn starts() -> [u16; CLASSES[5] as usize + 1] {
    let mut starts = [0; CLASSES[5] as usize + 1];
    let (mut at, mut len, mut filled) = (0, 0, 0);
    while at < PHRASES.len() {
        let Some(place) = place(PHRASES[at].0) else { panic!("a status is outside of its class") };
        while filled <= place {
            starts[filled] = len;
            filled += 1;
        }
        len += PHRASES[at].1.len() as u16 + 1;
        at += 1;
    }
    assert!(filled + 1 == starts.len(), "the last class has another length");
    starts[filled] = len;
    starts
}

const fn joined() -> [u8; LEN] {
    let mut joined = [0; LEN];
    let (mut at, mut len) = (0, 0);
    while at < PHRASES.len() {
        let phrase = PHRASES[at].1.as_bytes();
        let mut i = 0;
        while i < phrase.len() {
            joined[len + i] = phrase[i];
            i += 1;
        }
        len += phrase.len() + 1;
        at += 1;
    }
    joined
}

const LEN: usize = starts()[CLASSES[5] as usize] as usize;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_phrase_and_nothing_else() {
        let mut found = 0;
        for status in 0..=1100 {
            let listed = PHRASES.iter().find(|(known, _)| *known == status);
            assert_eq!(status_phrase(status), listed.map_or("", |(_, phrase)| phrase), "{status}");
            assert_eq!(phrase_for_c(status).find('\0'), Some(status_phrase(status).len()));
            found += usize::from(listed.is_some());
        }
        assert_eq!(found, PHRASES.len());
        assert_eq!(status_phrase(u32::MAX), "");
    }
}
