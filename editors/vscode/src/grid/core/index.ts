/**
 * What a page that shows a run is made of, whoever shows it: the events as they are read, the fold that makes panes of
 * them, the words of each state, and Markdown that only shows. Nothing here knows of an editor, of a webview or of the
 * page's elements; the styles beside it are `media/grid/*.css`.
 */

export { GrowingText, type Rendered } from "./blocks.js";
export { readEvent, type Event, type Failure, type Mark, type Outcome, type Role, type Section, type Stamped, type Total, type Usage } from "./events.js";
export { cut, empty, fold, isAlive, isFirstFocus, release, type Cost, type Pane, type Run, type State } from "./fold.js";
export { inertMarkdown, type Markdown, type Place } from "./markdown.js";
export { dollars, markOf, statusOf, totalOf, type Look, type Status } from "./status.js";
export { troubleOf, type Step, type Trouble } from "./trouble.js";
export { namesIn, showHidden, toHtml } from "./visible.js";
export { fill, wordsFor, type Words } from "./words.js";
