" What a panel holds while it is written: the few forms of Markdown that answers use. Vim's own
" Markdown syntax draws ten times as long, at every change. The headings of sections are not here:
" the server says where they are.
if exists("b:current_syntax")
  finish
endif

syntax match kaizodoTitle /^# .*/
syntax match kaizodoSubheading /^###\+ .*/
syntax match kaizodoItem /^\s*\zs\%([-*+]\|\d\+[.)]\)\ze\s/
syntax match kaizodoQuote /^\s*>.*/
syntax region kaizodoCode matchgroup=kaizodoMark start=/`\ze[^`]/ end=/`/ oneline concealends
syntax match kaizodoEscape /\\\ze[[:punct:]]/ conceal
syntax region kaizodoStrong matchgroup=kaizodoMark start=/\*\*\ze\S/ end=/\S\zs\*\*/ oneline concealends
syntax region kaizodoStatus matchgroup=kaizodoMark start=/^_\ze…/ end=/_$/ oneline concealends
syntax region kaizodoCodeBlock matchgroup=kaizodoMark start=/^\z(`\{3,}\)[^`]*$/ end=/^\z1`*\s*$/ concealends
syntax region kaizodoCodeBlock matchgroup=kaizodoMark start=/^\z(\~\{3,}\).*$/ end=/^\z1\~*\s*$/ concealends

syntax sync minlines=200

highlight default link kaizodoTitle @markup.heading.1.markdown
highlight default link kaizodoSubheading @markup.heading.3.markdown
highlight default link kaizodoItem @markup.list.markdown
highlight default link kaizodoQuote @markup.quote.markdown
highlight default link kaizodoCode @markup.raw.markdown_inline
highlight default link kaizodoStrong @markup.strong.markdown_inline
highlight default link kaizodoStatus Comment
highlight default link kaizodoMark Conceal
highlight default link kaizodoCodeBlock @markup.raw.block.markdown

let b:current_syntax = "kaizodo"
