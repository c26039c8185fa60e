//! The heads that every contender reads: fixed ones, generated mixes, and those of a folder.

use std::fs;
use std::io;
use std::path::Path;

/// One row of the table: heads that are read one after the other.
pub struct Case {
    pub name: String,
    pub response: bool,
    pub heads: Vec<Vec<u8>>,
}

impl Case {
    fn one(name: &str, head: &str) -> Self {
        let response = head.starts_with("HTTP/");
        Self { name: name.to_owned(), response, heads: vec![head.as_bytes().to_vec()] }
    }
}

/// The cases of every run; the mixes follow from the seed.
pub fn cases(seed: u64) -> Vec<Case> {
    let mut random = Random(seed | 1);
    let mix = (0..MIX).map(|_| request(&mut random)).collect();
    let mix_response = (0..MIX).map(|_| response(&mut random)).collect();
    vec![
        Case::one("tiny", "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"),
        Case::one("703", PINK),
        Case::one("chrome", &chrome()),
        Case::one("response", RESPONSE),
        Case { name: "mix".to_owned(), response: false, heads: mix },
        Case { name: "mix-response".to_owned(), response: true, heads: mix_response },
    ]
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
    let case = |name: &str, response, heads| Case { name: name.to_owned(), response, heads };
    let cases = [case("inputs", false, requests), case("inputs-response", true, responses)];
    Ok(cases.into_iter().filter(|case| !case.heads.is_empty()).collect())
}

/// xorshift64*: the same mixes wherever the seed is the same.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 8
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn word(&mut self, shortest: usize, longest: usize) -> String {
        const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-_./=";
        let length = shortest + self.below(longest - shortest + 1);
        (0..length).map(|_| char::from(LETTERS[self.below(LETTERS.len())])).collect()
    }

    /// Some of the lines, each with a value of its own length, in random order.
    fn lines(&mut self, names: &[(&str, usize, usize)], head: &mut String) {
        let mut order: Vec<usize> = (0..names.len()).collect();
        for index in (1..order.len()).rev() {
            order.swap(index, self.below(index + 1));
        }
        let count = 4 + self.below(names.len() - 4);
        for &index in order.iter().take(count) {
            let (name, shortest, longest) = names[index];
            let value = self.word(shortest, longest);
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
    }
}

fn request(random: &mut Random) -> Vec<u8> {
    let method = ["GET", "GET", "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"];
    let method = method[random.below(method.len())];
    let mut head = format!("{method} /{} HTTP/1.1\r\n", random.word(1, 90));
    head.push_str(&format!(
        "Host: {}.example\r\n",
        "abcdefghijklmnop".split_at(1 + random.below(15)).0
    ));
    random.lines(&REQUEST_FIELDS, &mut head);
    head.into_bytes()
}

fn response(random: &mut Random) -> Vec<u8> {
    let line = ["200 OK", "200 OK", "304 Not Modified", "404 Not Found", "301 Moved Permanently"];
    let mut head = format!("HTTP/1.1 {}\r\n", line[random.below(line.len())]);
    head.push_str(&format!("Content-Length: {}\r\n", random.below(1_000_000)));
    random.lines(&RESPONSE_FIELDS, &mut head);
    head.into_bytes()
}

fn chrome() -> String {
    let cookie =
        "_ga=GA1.2.1234567890.1700000000; session=".to_owned() + &"0123456789abcdef".repeat(43);
    format!("{CHROME}cookie: {cookie}\r\n\r\n")
}

const MIX: usize = 512;

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

const RESPONSE: &str = "HTTP/1.1 200 OK\r\n\
Server: nginx/1.26.0\r\n\
Date: Tue, 05 Nov 2024 10:00:00 GMT\r\n\
Content-Type: text/html; charset=utf-8\r\n\
Content-Length: 15432\r\n\
Connection: keep-alive\r\n\
Last-Modified: Mon, 04 Nov 2024 09:00:00 GMT\r\n\
ETag: \"672893d0-3c48\"\r\n\
Cache-Control: public, max-age=3600\r\n\
Vary: Accept-Encoding\r\n\
X-Content-Type-Options: nosniff\r\n\
Strict-Transport-Security: max-age=31536000\r\n\
Accept-Ranges: bytes\r\n\r\n";
