//! Finds private key blocks (RFC 7468, OpenSSH, PGP, PuTTY), whole or cut off by the selection.

use super::kind::{Match, SecretKind};
use std::ops::Range;

/// Returns the key blocks in a text. A block without its end or beginning extends over the adjacent
/// lines that look like key material.
pub(crate) fn find(text: &str) -> Vec<Match> {
    let markers = markers(text);
    let slice = |range: Range<usize>| text.get(range).unwrap_or_default();
    let mut out: Vec<Range<usize>> = Vec::new();
    for (at, (begins, here)) in markers.iter().enumerate() {
        let done = out.last().map_or(0, |range| range.end);
        if *begins {
            let next = markers.get(at + 1);
            let end = match next {
                Some((false, end)) => end.end,
                Some((_, next)) => here.end + material(slice(here.end..next.start), false),
                None => here.end + material(slice(here.end..text.len()), true),
            };
            out.push(here.start..end);
        } else if here.start >= done {
            out.push(here.start - material_before(slice(done..here.start))..here.end);
        }
    }
    out.extend(putty(text));
    out.into_iter().map(|range| Match { range, kind: SecretKind::PrivateKey }).collect()
}

/// Returns the private lines of PuTTY's files: `Private-Lines: 2`, followed by two lines.
fn putty(text: &str) -> impl Iterator<Item = Range<usize>> {
    const LINES_MAX: usize = 64;
    text.match_indices("Private-Lines: ").filter_map(|(at, head)| {
        let rest = text.get(at + head.len()..)?;
        let (count, body) = rest.split_once('\n').filter(|(count, _)| count.len() <= 4)?;
        let count: usize = count.trim().parse().ok()?;
        let start = text.len() - body.len();
        let lines = body.split_inclusive('\n').take(count.min(LINES_MAX));
        let lines =
            lines.take_while(|line| matches!(line_of(line), Line::Full | Line::Last | Line::Short));
        let end = start + lines.map(str::len).sum::<usize>();
        let end = start + text.get(start..end)?.trim_end().len();
        (end > start).then_some(start..end)
    })
}

/// Returns the `BEGIN` (`true`) and `END` (`false`) markers with their byte ranges.
fn markers(text: &str) -> Vec<(bool, Range<usize>)> {
    const LONGEST: usize = 80;
    const DASHES: &str = "-----";
    // The dashes are searched for together with the word: in a diff, a removed line has six.
    let of = |word| text.match_indices(word);
    let mut all: Vec<_> = of("-----BEGIN ").chain(of("-----END ")).collect();
    all.sort_unstable_by_key(|(at, _)| *at);
    let mut out = Vec::new();
    let mut done = 0;
    for (at, word) in all {
        let name = text.get(at + word.len()..).unwrap_or_default();
        if at < done {
            continue;
        }
        let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ' ';
        let length = name.find(|c| !is_part(c)).unwrap_or(name.len());
        let (name, tail) = name.split_at(length);
        let is_key = name.ends_with("PRIVATE KEY") || name.ends_with("PRIVATE KEY BLOCK");
        if is_key && length <= LONGEST && tail.starts_with(DASHES) {
            done = text.len() - tail.len() + DASHES.len();
            out.push((word.contains("BEGIN"), at..done));
        }
    }
    out
}

/// Returns the number of leading bytes that belong to a key: headers, full lines and the last line.
/// If the text is `cut`, its last line may be partial.
fn material(text: &str, cut: bool) -> usize {
    let (mut at, mut end, mut begun) = (0, 0, false);
    for (nth, line) in text.split_inclusive('\n').enumerate() {
        at += line.len();
        match line_of(line) {
            Line::Full => begun = true,
            Line::Last if begun => return at - (line.len() - line.trim_end().len()),
            Line::Short | Line::Last if cut && at == text.len() => {
                return at - (line.len() - line.trim_end().len());
            }
            // The first piece is the rest of the marker's own line.
            Line::Blank | Line::Header if !begun => continue,
            _ if nth == 0 => continue,
            _ => break,
        }
        end = at - (line.len() - line.trim_end().len());
    }
    end
}

/// Returns the number of trailing bytes that belong to a key.
fn material_before(text: &str) -> usize {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut taken, mut begun) = (0, false);
    for (nth, line) in lines.iter().enumerate().rev() {
        match line_of(line) {
            Line::Full => begun = true,
            // What a quotation or a diff puts before the marker.
            Line::Blank if !line.ends_with('\n') => {}
            // The last line and a checksum, or a first line that the selection cut.
            Line::Short | Line::Last if !begun || nth == 0 => {}
            _ => break,
        }
        taken += line.len();
    }
    taken
}

enum Line {
    /// Base64 of full line length.
    Full,
    /// Shorter base64 whose length is a multiple of four.
    Last,
    /// Shorter base64 of any other length.
    Short,
    /// An armor header.
    Header,
    Blank,
    Other,
}

/// Classifies a line, ignoring the quotes and signs that source code, a quotation or a diff puts
/// around it.
fn line_of(line: &str) -> Line {
    const FULL: usize = 40;
    const HEADERS: [&str; 5] = ["Proc-Type: ", "DEK-Info: ", "Comment: ", "Version: ", "Charset: "];
    let line = line.trim_matches(|c: char| c.is_whitespace() || "\"'`,;+-\\>#|".contains(c));
    let base64 = |c: char| c.is_ascii_alphanumeric() || "+/=\\".contains(c);
    match line {
        "" => Line::Blank,
        line if line.chars().all(base64) => match line.len() {
            FULL.. => Line::Full,
            length if length % 4 == 0 => Line::Last,
            _ => Line::Short,
        },
        line if HEADERS.iter().any(|header| line.starts_with(header)) => Line::Header,
        _ => Line::Other,
    }
}
