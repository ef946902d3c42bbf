// 給食の食数、1日分を調理室に渡す形にまとめる。
// 10時すぎに電話で減らした組だけ、朝の数字に戻っていることがある(先週は2-3と5-1)。
// 9時台の訂正はちゃんと効く。事務が二回打ってるのかと思って重複を探したが無かった。
// 締めを10時にしてもらえば起きないので、運用で逃げるしかないかも。
use std::collections::BTreeMap;

struct Uketsuke {
    kumi: String,
    jikoku: String, // 画面に打ったまま
    atai: String,   // "=31" は置きかえ、"-2" "+1" は増減
}

fn yomu(text: &str) -> Vec<Uketsuke> {
    text.lines()
        .skip(1)
        .filter_map(|l| {
            let mut c = l.split(',').map(|s| s.trim().to_string());
            Some(Uketsuke { kumi: c.next()?, jikoku: c.next()?, atai: c.next()? })
        })
        .collect()
}

pub fn matome(text: &str) -> (BTreeMap<String, i32>, i32) {
    let mut v = yomu(text);
    // 電話メモは昼前にまとめて入るので、受付順に並べ直す
    v.sort_by(|a, b| a.jikoku.cmp(&b.jikoku));
    let mut shoku: BTreeMap<String, i32> = BTreeMap::new();
    for u in &v {
        let n = shoku.entry(u.kumi.clone()).or_insert(0);
        match u.atai.strip_prefix('=') {
            Some(s) => *n = s.parse().unwrap_or(*n),
            None => *n += u.atai.parse::<i32>().unwrap_or(0), // 空欄は0
        }
    }
    let kei: i32 = shoku.values().sum();
    (shoku, kei + kei * 2 / 100) // 予備2%
}
