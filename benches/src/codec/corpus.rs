//! The heads that every contender reads: fixed ones, generated mixes, and those of a folder.

use std::fs;
use std::io;
use std::path::Path;

use bojagi_bench::random::Random;

/// Bytes that may be read after a head, as the padded entry of the codec asks for.
pub const PADDING: usize = 64;

/// A head, with slack behind it.
pub struct Head {
    room: Vec<u8>,
    len: usize,
    pub response: bool,
}

impl Head {
    pub fn new(head: &[u8]) -> Self {
        let room = [head, &[b'x'; PADDING]].concat();
        Self { room, len: head.len(), response: head.starts_with(b"HTTP/") }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.room[..self.len]
    }
}

/// One row of the table: heads that are read one after the other.
pub struct Case {
    pub name: String,
    pub heads: Vec<Head>,
    /// From a folder: not every peer need be able to read it.
    pub given: bool,
}

impl Case {
    pub fn new(name: &str, heads: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let heads = heads.into_iter().map(|head| Head::new(&head)).collect();
        Self { name: name.to_owned(), heads, given: false }
    }

    /// Bytes of a head, on average.
    pub fn bytes(&self) -> f64 {
        let sum: usize = self.heads.iter().map(|head| head.bytes().len()).sum();
        sum as f64 / self.heads.len() as f64
    }
}

/// The cases of every run; the mixes follow from the seed.
pub fn cases(random: &mut Random) -> Vec<Case> {
    vec![
        Case::new("tiny", [b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n".to_vec()]),
        Case::new("703", [PINK.into()]),
        Case::new("chrome", [chrome().into_bytes()]),
        Case::new("response", [RESPONSE.into()]),
        Case::new("mix", (0..MIX).map(|_| request(random)).collect::<Vec<_>>()),
        Case::new("mix-response", responses(random)),
    ]
}

/// The heads of the case `mix-response`.
pub fn responses(random: &mut Random) -> Vec<Vec<u8>> {
    (0..MIX).map(|_| response(random)).collect()
}

/// One case of the requests and one of the responses among the files of a folder.
pub fn from_folder(folder: &Path) -> io::Result<Vec<Case>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    let mut heads = Vec::new();
    for path in paths.iter().filter(|path| path.is_file()) {
        heads.push(fs::read(path)?);
    }
    let (responses, requests): (Vec<_>, Vec<_>) =
        heads.into_iter().partition(|head| head.starts_with(b"HTTP/"));
    let cases = [Case::new("inputs", requests), Case::new("inputs-response", responses)];
    let cases = cases.into_iter().filter(|case| !case.heads.is_empty());
    Ok(cases.map(|case| Case { given: true, ..case }).collect())
}

/// A word of so many letters.
fn word(random: &mut Random, shortest: usize, longest: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-_./=";
    let length = random.between(shortest, longest);
    (0..length).map(|_| char::from(LETTERS[random.below(LETTERS.len())])).collect()
}

/// Some of the lines, each with a value of its own length, in random order.
fn put_lines(random: &mut Random, names: &[(&str, usize, usize)], head: &mut String) {
    let count = random.between(3, names.len() * 3 / 4);
    for index in random.order(names.len()).into_iter().take(count) {
        let (name, shortest, longest) = names[index];
        let value = word(random, shortest, longest);
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
}

fn request(random: &mut Random) -> Vec<u8> {
    let method = ["GET", "GET", "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"];
    let method = method[random.below(method.len())];
    let mut head = format!("{method} /{} HTTP/1.1\r\n", word(random, 1, 90));
    head.push_str(&format!(
        "Host: {}.example\r\n",
        "abcdefghijklmnop".split_at(1 + random.below(15)).0
    ));
    put_lines(random, &REQUEST_FIELDS, &mut head);
    head.into_bytes()
}

fn response(random: &mut Random) -> Vec<u8> {
    let line = ["200 OK", "200 OK", "304 Not Modified", "404 Not Found", "301 Moved Permanently"];
    let mut head = format!("HTTP/1.1 {}\r\n", line[random.below(line.len())]);
    head.push_str(&format!("Content-Length: {}\r\n", random.below(1_000_000)));
    put_lines(random, &RESPONSE_FIELDS, &mut head);
    head.into_bytes()
}

/// A browser's navigation, 17 fields, whose cookie fills it up to 1706 bytes.
fn chrome() -> String {
    let start = format!("{CHROME}Cookie: _ga=GA1.2.1234567890.1700000000; session=");
    let session = "0123456789abcdef".repeat(64);
    format!("{start}{}\r\n\r\n", &session[..CHROME_BYTES - 4 - start.len()])
}

const MIX: usize = 512;
const CHROME_BYTES: usize = 1706;

const REQUEST_FIELDS: [(&str, usize, usize); 16] = [
    ("User-Agent", 20, 120),
    ("Accept", 3, 80),
    ("Accept-Language", 2, 30),
    ("Accept-Encoding", 4, 20),
    ("Cookie", 10, 160),
    ("Referer", 15, 60),
    ("Cache-Control", 8, 10),
    ("If-None-Match", 8, 36),
    ("X-Request-Id", 16, 36),
    ("X-Forwarded-For", 7, 40),
    ("Origin", 12, 30),
    ("Authorization", 20, 90),
    ("Sec-Fetch-Mode", 4, 11),
    ("DNT", 1, 1),
    ("traceparent", 55, 55),
    ("X-Custom", 0, 20),
];

const RESPONSE_FIELDS: [(&str, usize, usize); 14] = [
    ("Date", 29, 29),
    ("Server", 3, 30),
    ("Content-Type", 9, 40),
    ("Cache-Control", 8, 50),
    ("ETag", 10, 40),
    ("Last-Modified", 29, 29),
    ("Vary", 6, 30),
    ("Set-Cookie", 20, 140),
    ("Strict-Transport-Security", 16, 44),
    ("X-Content-Type-Options", 7, 7),
    ("Accept-Ranges", 5, 5),
    ("Age", 1, 6),
    ("Via", 8, 40),
    ("X-Cache", 3, 20),
];

/// The request of picohttpparser's own benchmark, 703 bytes.
const PINK: &str = "GET /wp-content/uploads/2010/03/hello-kitty-darth-vader-pink.jpg HTTP/1.1\r\n\
Host: www.kittyhell.com\r\n\
User-Agent: Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10.6; ja-JP-mac; rv:1.9.2.3) \
Gecko/20100401 Firefox/3.6.3 Pathtraq/0.9\r\n\
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
Accept-Language: ja,en-us;q=0.7,en;q=0.3\r\n\
Accept-Encoding: gzip,deflate\r\n\
Accept-Charset: Shift_JIS,utf-8;q=0.7,*;q=0.7\r\n\
Keep-Alive: 115\r\n\
Connection: keep-alive\r\n\
Cookie: wp_ozh_wsa_visits=2; wp_ozh_wsa_visit_lasttime=xxxxxxxxxx; \
__utma=xxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.x; \
__utmz=xxxxxxxxx.xxxxxxxxxx.x.x.utmccn=(referral)|utmcsr=reader.livedoor.com|utmcct=/reader/|utmcmd=referral\
\r\n\r\n";

const CHROME: &str = "GET /search?q=furoshiki+bojagi&source=hp&ei=abcdefghijk HTTP/1.1\r\n\
Host: www.example.com\r\n\
Connection: keep-alive\r\n\
Cache-Control: max-age=0\r\n\
sec-ch-ua: \"Chromium\";v=\"130\", \"Google Chrome\";v=\"130\", \"Not?A_Brand\";v=\"99\"\r\n\
sec-ch-ua-mobile: ?0\r\n\
sec-ch-ua-platform: \"Linux\"\r\n\
Upgrade-Insecure-Requests: 1\r\n\
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36\r\n\
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8\r\n\
Sec-Fetch-Site: same-origin\r\n\
Sec-Fetch-Mode: navigate\r\n\
Sec-Fetch-User: ?1\r\n\
Sec-Fetch-Dest: document\r\n\
Referer: https://www.example.com/\r\n\
Accept-Encoding: gzip, deflate, br, zstd\r\n\
Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n";

pub const RESPONSE: &str = "HTTP/1.1 200 OK\r\n\
Server: nginx/1.26.0\r\n\
Date: Tue, 05 Nov 2024 10:00:00 GMT\r\n\
Content-Type: text/html; charset=utf-8\r\n\
Content-Length: 15432\r\n\
Connection: keep-alive\r\n\
Last-Modified: Mon, 04 Nov 2024 09:00:00 GMT\r\n\
ETag: \"672893d0-3c48\"\r\n\
Cache-Control: public, max-age=3600, immutable\r\n\
Vary: Accept-Encoding\r\n\
X-Content-Type-Options: nosniff\r\n\
Strict-Transport-Security: max-age=31536000\r\n\
Accept-Ranges: bytes\r\n\r\n";
