//! Cue words that reveal the function of a piece of text. Both Japanese and English words are
//! searched for, since a text may mix the languages. A missed cue costs one question; a false one
//! only leads to an irrelevant quotation. Words are separated by `|`.

pub(crate) const PROBLEM: &str = "\
    問題|課題|困|遅い|遅く|重い|失敗|エラー|バグ|できない|足りな|曖昧|不安|難し|面倒|壊れ|\
    落ちる|詰ま|分からない|わからない|決まらない|進まない|長い|長くて|problem|issue|\
    trouble|slow|flaky|broken|breaks|bug|fail|fails|failing|cannot|can't|stuck|wrong|\
    hard to|too|unclear|confusing|todo|fixme|hack|complain|times out|time out|crash|error|\
    errors|lost|late|waste|annoying|苦情|無駄|ミス|漏れ|遅れ|クレーム|ずれ|\
    合わない|少なすぎ|多すぎ|おかし|届いた|終わらない|too high|too low|spikes|another|distrust";

pub(crate) const NEGATION: &str = "\
    ない|なかった|ません|ず、|not|no|never|nobody|nothing|doesn't|don't|isn't|won't|\
    without";

pub(crate) const HEDGE: &str = "\
    たぶん|多分|おそらく|恐らく|もしかすると|もしかしたら|なんとなく|かもしれ|かも|と思う|\
    と思われる|気がする|らしい|のようだ|っぽい|るはず|たはず|いはず|見込み|だろう|maybe|perhaps|probably|\
    possibly|presumably|apparently|somehow|might|seems|seem|i think|i guess|likely|\
    could be|i suspect|my guess|i'd expect|i don't really believe|hopefully|supposed to|it must be";

/// Words that express uncertainty.
pub(crate) const UNSURE: &str = "not sure|who knows|don't know|分からない|わからない";

pub(crate) const ABSOLUTE: &str = "\
    誰も|だれも|すべて|全て|全部|いつも|必ず|絶対|一切|まったく|全く|毎回|みんな|どれも|\
    何も|常に|確実に|完全に|nobody|no one|everyone|everybody|always|never|nothing|everything|every time|\
    none|impossible|completely|of course|no doubt";

pub(crate) const GOAL: &str = "\
    たい。|したい|やめたい|なりたい|増やしたい|減らしたい|いきたい|になりたい|目標|目指|すべき|\
    want to|would like|goal|aim to|we should|i should|need to|should feel|should be able";

pub(crate) const BEFORE: &str = "\
    年前|月前|週間前|日前|以前は|昔は|かつて|当初|まではな|までは一度|最初は|もともと|used to|\
    previously|years ago|months ago|weeks ago|originally|at first|formerly";

/// Words of change, as opposed to a lasting state.
pub(crate) const NOW: &str = "\
    今では|いまでは|最近|このごろ|近ごろ|ようになった|ようになり|になった|くなった|てしまった|\
    and now|now it's|we now|is now|are now|recently|lately|these days|no longer|anymore|any more|has become|have gone|has gone";

pub(crate) const NEXT: &str = "\
    来週|来月|来季|来年|来年度|月から|月末|月の会議|締め切り|締切|期限|までに|next week|\
    next month|next year|next quarter|this quarter|next season|deadline|tomorrow";

/// Endings of a Japanese clause that gives the reason for the next one.
pub(crate) const REASON_END: &str = "\
    ので|だから|るから|いから|たから|せいで|たため|いるため|ないため|いため|なため|のため|\
    によって|により|おかげで";

/// Words between an effect and its cause, in this order.
pub(crate) const BECAUSE: &str = "because of|because|due to|caused by|thanks to";

/// Words between a cause and its effect, in this order.
pub(crate) const SO: &str = "so|therefore|which means|that is why|hence";

/// Endings of a Japanese clause after which something else happened.
pub(crate) const AFTER_END: &str = "てから|でから|て以来|で以来|以降|た後に|たあと";

/// Words that begin an English clause after which something else happened.
pub(crate) const AFTER: &str = "ever since|since|after";

/// Words in lines of code that make an assumption.
pub(crate) const ASSUMES: &str = "\
    unwrap|expect|panic|todo|fixme|hack|sleep|retry|retries|timeout|catch|except|unsafe|\
    lock|any|null|none|nil|cache|global|static";

/// Words that only lead into a clause.
pub(crate) const LEADS: &str = "so|つまり|逆に|ただし|ただ|でも|なので";

/// Words that announce a plan.
pub(crate) const PLAN: &str = "\
    とする|ことにする|ことにした|ことにして|方針|つもり|考え中|引き受ける|始めて|\
    入れれば|べきだ|すればいい|するしかない|決定|my idea is|my plan|i'm going for|i am going for|we will|\
    we'll|i will|i'll|let's|i had in mind|i was going to|we are going to|we're going to|plan to|should we just|\
    i'd like to|i want to|we want to|we should|i should|decided to";

/// Words that introduce a deadline.
pub(crate) const DEADLINE: &str = "までに|締め切り|締切|期限|deadline|by|before|until";

/// Words for something unwanted.
pub(crate) const UNWANTED: &str = "don't want to|didn't want to|not want to|たくない";

/// Words that mark the future tense.
pub(crate) const FUTURE: &str = "will|going to|would";

/// Words in a heading that announces a decision.
pub(crate) const DECISION: &str = "決定|方針|decision";

/// Words that express a decision.
pub(crate) const DECIDES: &str = "\
    決定|とする|ことにする|ことにした|decision|decided|going for|go with|settled on";

/// Endings of a Japanese clause that the next one contradicts.
pub(crate) const AGAINST_END: &str =
    "なのに|のに|けど|けれど|けれども|ものの|たが|だが|るが|いが|すが";

/// Words at the start of a sentence that contradicts the one before.
pub(crate) const AGAINST_HEAD: &str = "\
    ただし|ただ|でも|しかし|だが|とはいえ|なのに|一方で|however|but|and yet|yet|still";

/// Words between two English clauses that contradict each other.
pub(crate) const AGAINST: &str = "but|although|even though|whereas|while";

/// Words that introduce reported speech.
pub(crate) const SAYS: &str = "\
    says|say|said|thinks|think|told|tell|tells|telling|complain|complains|insists|believes";

/// Verbs of saying or thinking that follow a person's name.
pub(crate) const MINDS: &str = "\
    says|said|thinks|told|tells|prefers|wants|likes|insists|believes|worried|complains|would";

/// Words that follow reported speech in Japanese.
pub(crate) const SAYS_END: &str = "\
    と言う|と言われ|と言って|と言った|と話|という声|とのこと|と書かれ|と指摘|と聞い|と答え";

/// Words for something that happens only at times.
pub(crate) const SOMETIMES: &str = "\
    たまに|ときどき|時々|ことがある|ことがあり|ことが多い|ことが続|場合がある|なぜか|\
    sometimes|some people|now and then|every few|every month|every time|one in|occasionally|whenever|on the hour|only some";

/// Endings of Japanese words for people.
pub(crate) const PEOPLE_END: &str = "者|員|長|客|人|班|社|メンバー|マネージャー|ユーザー|ユーザ|エンジニア|上司|部下|新人|妻|夫|先生";

pub(crate) const PEOPLE: &str = "\
    患者さん|生産者さん|お客さん|先生|常連|住民|利用者|保護者|生徒|学生|子ども|users|user|customers|\
    customer|developers|engineers|managers|reviewers|clients|staff|students|pupils|kids|visitors|\
    patients|residents|families|growers|trustees";

/// Conjunctions at the start of a clause.
pub(crate) const JOINS: &str = "but|and|yet|or|しかし|でも|ただし|そして";

/// Returns the first occurrence in `text` of any of the `|`-separated `cues`, as written there.
/// Ignores ASCII case.
pub(crate) fn find<'a>(text: &'a str, cues: &str) -> Option<&'a str> {
    let lower = text.to_ascii_lowercase();
    let found = cues.split('|').filter_map(|cue| Some((position(&lower, cue)?, cue.len())));
    let (at, len) = found.min_by_key(|(at, len)| (*at, std::cmp::Reverse(*len)))?;
    text.get(at..at + len)
}

/// Returns the byte offset of the first occurrence of a cue in a text.
pub(crate) fn at(text: &str, cue: &str) -> Option<usize> {
    position(&text.to_ascii_lowercase(), cue)
}

/// Returns the trimmed text before and after the first occurrence of a cue.
pub(crate) fn around<'a>(text: &'a str, cue: &str) -> Option<(&'a str, &'a str)> {
    let at = at(text, cue)?;
    Some((text.get(..at)?.trim(), text.get(at + cue.len()..)?.trim()))
}

/// Strips one of the `|`-separated `cues` from the start of a text.
pub(crate) fn strip_head<'a>(text: &'a str, cues: &str) -> &'a str {
    for cue in cues.split('|') {
        if let Some(("", rest)) = around(text, cue) {
            return rest.trim_start_matches(['、', ',', ' ']);
        }
    }
    text
}

/// Finds a cue in a lower-case text. Cues in Latin letters match whole words only.
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
