//! Blocks of private keys (RFC 7468, OpenSSH's and PGP's alike), whole or cut by the selection.

use super::find::Found;
use super::kind::Kind;
use std::ops::Range;

/// The blocks' places. One without its end reaches as far as there are lines of a key, and one
/// without its beginning likewise.
pub(crate) fn find(text: &str) -> Vec<Found> {
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
    out.into_iter().map(|range| Found { range, kind: Kind::PrivateKey }).collect()
}

/// The private lines of PuTTY's files: `Private-Lines: 2`, and two lines.
fn putty(text: &str) -> impl Iterator<Item = Range<usize>> {
    const MOST: usize = 64;
    text.match_indices("Private-Lines: ").filter_map(|(at, head)| {
        let rest = text.get(at + head.len()..)?;
        let (count, body) = rest.split_once('\n').filter(|(count, _)| count.len() <= 4)?;
        let count: usize = count.trim().parse().ok()?;
        let start = text.len() - body.len();
        let lines = body.split_inclusive('\n').take(count.min(MOST));
        let lines =
            lines.take_while(|line| matches!(line_of(line), Line::Full | Line::Last | Line::Short));
        let end = start + lines.map(str::len).sum::<usize>();
        let end = start + text.get(start..end)?.trim_end().len();
        (end > start).then_some(start..end)
    })
}

/// The lines that begin (true) and end a block, by their places.
fn markers(text: &str) -> Vec<(bool, Range<usize>)> {
    const LONGEST: usize = 80;
    let mut out = Vec::new();
    let mut done = 0;
    for (at, dashes) in text.match_indices("-----") {
        let rest = text.get(at + dashes.len()..).unwrap_or_default();
        let name = rest.strip_prefix("BEGIN ").or(rest.strip_prefix("END "));
        let Some(name) = name.filter(|_| at >= done) else { continue };
        let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ' ';
        let length = name.find(|c| !is_part(c)).unwrap_or(name.len());
        let (name, tail) = name.split_at(length);
        let is_key = name.ends_with("PRIVATE KEY") || name.ends_with("PRIVATE KEY BLOCK");
        if is_key && length <= LONGEST && tail.starts_with(dashes) {
            done = text.len() - tail.len() + dashes.len();
            out.push((rest.starts_with("BEGIN"), at..done));
        }
    }
    out
}

/// How many bytes of the start belong to a key: its headers, its full lines, its last one. Where the
/// text is `cut`, its last line may be any piece.
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
            // The first piece is what is left of the marker's own line.
            Line::Blank | Line::Header if !begun => continue,
            _ if nth == 0 => continue,
            _ => break,
        }
        end = at - (line.len() - line.trim_end().len());
    }
    end
}

/// How many bytes of the end belong to a key.
fn material_before(text: &str) -> usize {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut taken, mut begun) = (0, false);
    for (nth, line) in lines.iter().enumerate().rev() {
        match line_of(line) {
            Line::Full => begun = true,
            // A last line and a checksum; or a first line that the selection cut.
            Line::Short | Line::Last if !begun || nth == 0 => {}
            _ => break,
        }
        taken += line.len();
    }
    taken
}

enum Line {
    /// Base64, as long as such lines are.
    Full,
    /// Base64, shorter, and whole: four characters for each three bytes.
    Last,
    /// Base64, cut.
    Short,
    /// An armour's header.
    Header,
    Blank,
    Other,
}

/// Reads a line, with the quotes and signs that a program's text or a quotation puts around it.
fn line_of(line: &str) -> Line {
    const FULL: usize = 40;
    const HEADERS: [&str; 5] = ["Proc-Type: ", "DEK-Info: ", "Comment: ", "Version: ", "Charset: "];
    let line = line.trim_matches(|c: char| c.is_whitespace() || "\"'`,;+\\>#|".contains(c));
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
