//! Words that tell what a piece of text is doing. They are looked for in both languages, since a
//! text may hold both; a miss costs a question, and what is found is only quoted.
//! Words are divided by `|`.

pub(super) const PROBLEM: &str = "\
    問題|課題|困|遅い|遅く|重い|失敗|エラー|バグ|できない|足りな|曖昧|不安|難し|面倒|壊れ|\
    落ちる|詰ま|分からない|わからない|決まらない|進まない|長い|長くて|problem|issue|\
    trouble|slow|flaky|broken|breaks|bug|fail|fails|failing|cannot|can't|stuck|wrong|\
    hard to|too|unclear|confusing|todo|fixme|hack|complain|times out|time out|crash|error|\
    errors|lost|late|waste|annoying|苦情|無駄|ミス|漏れ|遅れ";

pub(super) const NEGATION: &str = "\
    ない|なかった|ません|ず、|not|no|never|nobody|nothing|doesn't|don't|isn't|won't|\
    without";

pub(super) const HEDGE: &str = "\
    たぶん|多分|おそらく|恐らく|もしかすると|もしかしたら|なんとなく|かもしれ|と思う|\
    と思われる|気がする|らしい|のようだ|っぽい|はずだ|だろう|maybe|perhaps|probably|\
    possibly|presumably|apparently|somehow|might|seems|seem|i think|i guess|likely|\
    could be|should be";

pub(super) const ABSOLUTE: &str = "\
    誰も|だれも|すべて|全て|全部|いつも|必ず|絶対|一切|まったく|全く|毎回|みんな|どれも|\
    何も|常に|nobody|no one|everyone|everybody|always|never|nothing|everything|every time|\
    all|none|impossible";

pub(super) const GOAL: &str = "\
    したい|やめたい|なりたい|増やしたい|減らしたい|目標|目指|すべき|want to|would like|\
    goal|aim to|we should|i should|need to";

pub(super) const BEFORE: &str = "\
    前は|以前|昔|かつて|当初|去年|昨年|先週|先月|最初は|もともと|used to|previously|ago|\
    last week|last month|last year|originally|at first|formerly";

pub(super) const NOW: &str = "\
    今は|今では|いまは|いまでは|現在|最近|このごろ|近ごろ|ようになった|ようになり|\
    になった|くなった|てしまった|now|currently|today|recently|lately|these days|no longer|\
    anymore|has become";

pub(super) const NEXT: &str = "\
    来週|来月|来年|今後|これから|まもなく|締め切り|締切|期限|までに|予定|いずれ|next week|\
    next month|next year|next quarter|soon|deadline|will|going to|tomorrow";

/// Ends of a Japanese clause that is a reason for the next one.
pub(super) const REASON_END: &str = "\
    ので|だから|るから|いから|たから|せいで|たため|いるため|ないため|いため|なため|のため|\
    によって|により|おかげで";

/// Words between an effect and its cause, in this order.
pub(super) const BECAUSE: &str = "because of|because|due to|caused by|thanks to";

/// Words between a cause and its effect, in this order.
pub(super) const SO: &str = "so|therefore|which means|that is why|hence";

/// Ends of a Japanese clause after which something else came.
pub(super) const AFTER_END: &str = "てから|でから|て以来|で以来|以降|た後に|たあと";

/// Words that begin an English clause after which something else came.
pub(super) const AFTER: &str = "ever since|since|after";

/// Pieces of a line of code that take something for granted.
pub(super) const ASSUMES: &str = "\
    unwrap|expect|panic|todo|fixme|hack|sleep|retry|retries|timeout|catch|except|unsafe|\
    lock|any|null|none|nil|cache|global|static";

/// Last characters of Japanese words for people.
pub(super) const PEOPLE_END: &str =
    "者|員|長|客|人|班|社|チーム|メンバー|ユーザー|ユーザ|エンジニア|上司|部下|新人";

pub(super) const PEOPLE: &str = "\
    people|team|teams|users|user|customers|customer|developers|developer|engineers|\
    manager|managers|reviewers|reviewer|clients|staff|students";

/// Words that only join a clause to the one before.
pub(super) const JOINS: &str = "but|and|yet|or|しかし|でも|ただし|そして";

/// The first of these words in the text, as the text has it.
pub(super) fn find<'a>(text: &'a str, cues: &str) -> Option<&'a str> {
    let lower = text.to_ascii_lowercase();
    let found = cues.split('|').filter_map(|cue| Some((position(&lower, cue)?, cue.len())));
    let (at, len) = found.min_by_key(|(at, len)| (*at, std::cmp::Reverse(*len)))?;
    text.get(at..at + len)
}

/// The byte at which a word begins.
pub(super) fn at(text: &str, cue: &str) -> Option<usize> {
    position(&text.to_ascii_lowercase(), cue)
}

/// The text before and after a word.
pub(super) fn around<'a>(text: &'a str, cue: &str) -> Option<(&'a str, &'a str)> {
    let at = at(text, cue)?;
    Some((text.get(..at)?.trim(), text.get(at + cue.len()..)?.trim()))
}

/// The text without these words at its head.
pub(super) fn strip_head<'a>(text: &'a str, cues: &str) -> &'a str {
    for cue in cues.split('|') {
        if let Some(("", rest)) = around(text, cue) {
            return rest.trim_start_matches(['、', ',', ' ']);
        }
    }
    text
}

/// Words in Latin letters are found whole; the text is in lower case.
fn position(lower: &str, cue: &str) -> Option<usize> {
    let latin = cue.is_ascii();
    lower.match_indices(cue).map(|(at, _)| at).find(|at| {
        let outside = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
        let before = lower.get(..*at).and_then(|s| s.chars().next_back());
        let after = lower.get(at + cue.len()..).and_then(|s| s.chars().next());
        !latin || (outside(before) && outside(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole_and_as_written() {
        assert_eq!(find("Maybe it is so", HEDGE), Some("Maybe"));
        assert_eq!(find("known notes", NEGATION), None);
        assert_eq!(find("たぶん議題が曖昧", HEDGE), Some("たぶん"));
        assert_eq!(around("it fails Because we wait", "because"), Some(("it fails", "we wait")));
        assert_eq!(strip_head("たぶん議題が", HEDGE), "議題が");
        assert_eq!(strip_head("Perhaps, it", HEDGE), "it");
    }
}
