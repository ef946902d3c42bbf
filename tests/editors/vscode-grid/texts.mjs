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
  s.failed("time", "Ollama(127.0.0.1:11434)につながりません。起動しているかを確かめてください。"),
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
