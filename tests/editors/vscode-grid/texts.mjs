// Texts that the tests show.

import * as s from "./script.mjs";

/** Four sections in four states: complete, being written, thinking and failed. */
export const showcase = [
  s.started(s.four),
  ...s.four.map(([branch]) => s.start(branch)),
  s.delta(
    "depth",
    `D1. 会議が長いのはなぜか。**議題が多い**から。(根拠「毎週 12 件」)
D2. 議題が多いのはなぜか。\`相談\` と \`報告\` が分かれていないから。(推測)

- 報告は読めば済む。
- 相談は話さないと進まない。

\`\`\`text
報告 8 件 → 文書
相談 4 件 → 会議
\`\`\`

> D4. 決める人が決まっていない。(不明)

もっとも知りたいこと: 12 件のうち決定が要るのは何件か。[議事録](https://example.com/minutes)を数える。👩‍👩‍👧‍👦
`,
  ),
  s.done("depth"),
  s.delta(
    "breadth",
    `B1. 会議の長さは症状で、原因は**文書の不足**かもしれない。(推測)

| 見方 | 成り立つ条件 |
|---|---|
| 議題を減らす | 報告が半分を超える |
| 時間を区切る | 決定者が同席する |
| やめてみる | 困る人が名乗り出る |

B3. 別の分野: 手術室の「タイムアウト」は 30 秒で終わる。参加者の役割が先に決まって`,
  ),
  s.thinking("structure", 1280),
  s.failed("time", "Ollama（127.0.0.1:11434）につながりません。起動しているかを確かめてください。"),
];

export const hostile = `<img src=x onerror="alert(1)"><script>window.ran=1</script>
<a href="https://evil.example/a" onclick="alert(1)">x</a>

![p](https://evil.example/p.png) ![r][r] [link](https://evil.example/link) [c](command:workbench.action.quit)
[j](javascript:alert(1)) [d](data:text/html,x) <https://evil.example/auto> www.evil.example

[r]: https://evil.example/r.png

[![i](https://evil.example/i.png)](https://evil.example/l)

| <svg onload=alert(1)> | ![t](https://evil.example/t.png) |
|---|---|
| <iframe src=https://evil.example> | <style>@import "https://evil.example/s.css"</style> |

<form action="https://evil.example"><input autofocus onfocus=alert(1)></form>
<meta http-equiv="refresh" content="0;url=https://evil.example"><base href="https://evil.example">

\u202e逆さ\u202c \`\`\`<img src=x onerror=alert(1)>

~~~html" onmouseover="alert(1)
</code></pre><img src=https://evil.example/f.png onerror=alert(1)>
~~~
`;

/** What the four views write first, and a focus that puts them together. */
export const views = {
  depth: `12 件のうち 8 件は報告で、**会議を長くしているのは決定ではない**。

- 「長い」と感じる二時間のうち、決める時間は三十分しかない。
- 報告が口頭なのは、書いても読まれなかった去年の経験があるから、おそらく。
`,
  breadth: `会議の長さよりも、**終わっても決まらない**ことに困っているのではないか。

- 「また持ち帰り」が四回出てくるのに、「長い」は一回しか出てこない。
- 半分の時間で終わっても、持ち帰りが残れば困りごとは変わらない。
`,
  structure: `議題が増えるほど一件の時間が減り、決まらない議題が翌週に戻って、**議題がさらに増える**。

- 12 件のうち 5 件は先週も載っていた。
`,
  time: `十月に人が四人増えてから長くなったのに、**議題の決め方は人が増える前のまま**だ。

- 増える前は一時間で終わっていたと書いてある。
`,
};

export const answer = `まだ議題を減らさないほうがいいです。長いのは議題の数ではなく、**決まらずに戻ってくる 5 件**です。12 件のうち 8 件は報告なので、読めば済みます。

**戻ってくる 5 件が、毎週五十分を使っている**

- 先週も載っていた議題が 12 件のうち 5 件あります。一件に十分かけると五十分です。
- 四つの「また持ち帰り」は、どれも決める人がその場にいない議題でした。

**議題を減らす案は、報告が多いときだけ効く**

| 場合 | 二時間のうち | 減らすと |
|---|---|---|
| 報告が 8 件 | 六十分 | 効く |
| 持ち帰りが 5 件 | 五十分 | 翌週に戻る |

- 三週続けて戻りが 2 件以下なら続け、4 件以上ならやめます。
- 十月に増えた四人が、どの議題に要るのかはまだ聞いていません。

今日できること: 次の議題表に「決める人」の列を足して、空の議題は載せない。

- 空の列が 5 つ前後なら、上の説明が合っています。
- 一つもなければ、長い理由は別にあります。
`;

/** A run with a focus: its views are written, and it waits or is written as `more` says. */
export const withFocus = (...more) => [
  s.started(s.five),
  ...Object.entries(views).flatMap(([branch, text]) => [s.start(branch), s.delta(branch, text), s.done(branch)]),
  ...more,
];
