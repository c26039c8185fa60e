//! Writes `include/bojagi.h` from the files that declare the C ABI.

use std::{env, fs, path::Path};

/// The files of the ABI that every archive has, in the order of the header: codes first, then level 2.
const HEADER_SOURCES: &[&str] = &[
    "codec/src/capi/code.rs",
    "codec/src/capi/version.rs",
    "src/capi/features.rs",
    "codec/src/fault.rs",
    "codec/src/rules.rs",
    "codec/src/method.rs",
    "codec/src/known.rs",
    "codec/src/target.rs",
    "codec/src/framing.rs",
    "codec/src/field.rs",
    "codec/src/section.rs",
    "codec/src/start_line.rs",
    "codec/src/head.rs",
    "codec/src/chunked.rs",
    "codec/src/body.rs",
    "codec/src/connection/mod.rs",
    "codec/src/values/range.rs",
    "codec/src/values/etag.rs",
    "codec/src/values/percent.rs",
    "codec/src/capi/rules.rs",
    "codec/src/capi/head.rs",
    "codec/src/capi/body.rs",
    "codec/src/capi/connection.rs",
    "codec/src/capi/encode.rs",
    "codec/src/capi/text.rs",
    "codec/src/capi/field.rs",
    "codec/src/capi/list.rs",
    "codec/src/capi/parameter.rs",
    "codec/src/capi/quality.rs",
    "codec/src/capi/range.rs",
    "codec/src/capi/etag.rs",
    "codec/src/capi/percent.rs",
    "codec/src/capi/basic.rs",
];

/// What only the archive for bare metal has.
const BARE_SOURCES: &[&str] = &["bare/src/abort.rs"];

/// What that archive lacks: level 1, and what stands between the levels.
const SOCKET_SOURCES: &[&str] = &[
    "src/date.rs",
    "src/capi/date.rs",
    "src/capi/error.rs",
    "src/capi/deadline.rs",
    "src/capi/cancel.rs",
    "src/net/plain.rs",
    "src/capi/address.rs",
    "src/capi/resolve.rs",
    "src/capi/hosts.rs",
    "src/capi/plan.rs",
    "src/capi/connect.rs",
    "src/capi/connector.rs",
    "src/capi/listen.rs",
    "src/capi/listener.rs",
    "src/capi/service.rs",
    "src/capi/socket.rs",
    "src/net/readiness.rs",
    "src/capi/readiness.rs",
    "src/capi/poller.rs",
    "src/capi/datagram.rs",
    "src/capi/multicast.rs",
    "src/net/option/id.rs",
    "src/capi/option.rs",
    "src/net/insight.rs",
    "src/capi/insight.rs",
    "src/capi/unix.rs",
    "src/capi/rights.rs",
    "src/net/sys/vector.rs",
    "src/capi/vector.rs",
    "src/capi/sendfile.rs",
    "src/buffer.rs",
    "src/capi/buffer.rs",
    "src/capi/frame.rs",
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    for source in [HEADER_SOURCES, BARE_SOURCES, SOCKET_SOURCES].concat() {
        println!("cargo:rerun-if-changed={source}");
    }
    write_header();
}

/// Leaves the file alone when nothing changed, so that a read-only checkout still builds.
fn write_header() {
    let root = env::var("CARGO_MANIFEST_DIR").unwrap();
    let root = Path::new(&root);
    let whole = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml");
    let part = cbindgen::Config {
        header: None,
        sys_includes: Vec::new(),
        after_includes: None,
        ..whole.clone()
    };
    // The include guard opens in cbindgen.toml.
    let header = format!(
        "{}\n#ifdef BOJAGI_BARE\n\n{}\n#else  /* BOJAGI_BARE */\n\n{}\n#endif  /* BOJAGI_BARE */\n\n\
         #endif  /* BOJAGI_H */\n",
        declarations(root, whole, HEADER_SOURCES),
        declarations(root, part.clone(), BARE_SOURCES),
        declarations(root, part, SOCKET_SOURCES),
    );
    let header = plain(&header);
    let path = root.join("include/bojagi.h");
    if fs::read(&path).is_ok_and(|old| old == header.as_bytes()) {
        return;
    }
    if let Err(error) = fs::write(&path, &header) {
        println!("cargo:warning=include/bojagi.h is out of date and cannot be written: {error}");
    }
}

/// What cbindgen makes of these files.
fn declarations(root: &Path, config: cbindgen::Config, sources: &[&str]) -> String {
    let sources = sources.iter().map(|source| root.join(source));
    let builder = sources.fold(cbindgen::Builder::new().with_config(config), |b, s| b.with_src(s));
    let mut text = Vec::new();
    builder.generate().expect("the ABI files parse").write(&mut text);
    String::from_utf8(text).expect("the header is UTF-8")
}

/// Old compilers too read the header: no `//` comments, with which cbindgen closes its C++ blocks,
/// and nothing but ASCII.
fn plain(header: &str) -> String {
    let header = header
        .replace("// __cplusplus", "/* __cplusplus */")
        .replace("// extern \"C\"", "/* extern \"C\" */")
        .replace('§', "section ");
    assert!(header.is_ascii(), "include/bojagi.h would not be ASCII");
    in_parentheses(&on_one_line(&header))
}

/// A doc comment of one line stands on one line: cbindgen gives each three.
fn on_one_line(header: &str) -> String {
    let lines: Vec<&str> = header.lines().collect();
    let mut text = String::new();
    let mut at = 0;
    while at < lines.len() {
        let line = match lines[at..] {
            [open, doc, close, ..] if open.trim() == "/**" && close.trim() == "*/" => {
                at += 2;
                format!("{open}{} */", doc.trim_start().trim_start_matches('*'))
            }
            _ => lines[at].to_owned(),
        };
        text.push_str(&line);
        text.push('\n');
        at += 1;
    }
    text
}

/// A negative constant stands in parentheses, so that it means the same in every expression.
fn in_parentheses(header: &str) -> String {
    let line = |line: &str| match line.split_once(" -") {
        Some((define, digits)) if define.starts_with("#define ") => {
            format!("{define} (-{digits})\n")
        }
        _ => format!("{line}\n"),
    };
    header.lines().map(line).collect()
}
