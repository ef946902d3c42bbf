/// <reference lib="dom" />
/** Which lines of an answer the reader has selected: blocks say which lines they are (`data-lines`). */

/** Lines of the answer as the model wrote it, counted from 0, the last one included. */
export interface Lines {
  first: number;
  last: number;
}

/**
 * The lines that a selection touches; nothing where it is empty or begins outside of the answer. It may end behind it,
 * as that of a whole paragraph does.
 */
export function selectedLines(answer: HTMLElement, selection: Selection | null): Lines | undefined {
  if (selection === null || selection.rangeCount === 0 || selection.toString().trim() === "") {
    return undefined;
  }
  const range = selection.getRangeAt(0).cloneRange();
  if (!answer.contains(range.startContainer)) {
    return undefined;
  }
  if (!answer.contains(range.endContainer)) {
    range.setEnd(answer, answer.childNodes.length);
  }
  const blocks = Array.from(answer.querySelectorAll<HTMLElement>("[data-lines]"));
  const lines = blocks.flatMap((block) => touchedLines(range, block) ?? []);
  if (lines.length === 0) {
    return undefined;
  }
  return { first: Math.min(...lines.map(({ first }) => first)), last: Math.max(...lines.map(({ last }) => last)) };
}

/**
 * The lines of a block of which a selection has text that is in no block inside of it. Where the block's line ends are
 * shown, they are counted: an item of a list that Markdown does not know (`・`) is one line of its paragraph.
 */
function touchedLines(range: Range, block: HTMLElement): Lines | undefined {
  if (!range.intersectsNode(block)) {
    return undefined;
  }
  let ends = 0;
  const touched: number[] = [];
  const nodes = document.createTreeWalker(block, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = nodes.nextNode(); node !== null; node = nodes.nextNode()) {
    if (node.parentElement?.closest("[data-lines]") !== block) {
      continue;
    }
    if (node instanceof Text) {
      touched.push(...(isTouched(range, node) ? [ends] : []));
    } else if (node instanceof HTMLBRElement) {
      ends += 1;
    }
  }
  if (touched.length === 0) {
    return undefined;
  }
  const own = ownLines(block);
  return ends === 0 ? own : { first: own.first + Math.min(...touched), last: own.first + Math.max(...touched) };
}

/** Some character that is seen, and not only the border. */
function isTouched(range: Range, text: Text): boolean {
  if (!range.intersectsNode(text)) {
    return false;
  }
  const from = text === range.startContainer ? range.startOffset : 0;
  const to = text === range.endContainer ? range.endOffset : text.length;
  return text.data.slice(from, to).trim() !== "";
}

/** The lines of a block until the first block inside of it: an item's own, and not those of the list below it. */
function ownLines(block: HTMLElement): Lines {
  const { first, last } = linesOf(block);
  const inner = block.querySelector<HTMLElement>("[data-lines]");
  const until = inner === null ? last : linesOf(inner).first - 1;
  return { first, last: until < first ? first : until };
}

function linesOf({ dataset }: HTMLElement): Lines {
  const [first = 0, last = 0] = (dataset["lines"] ?? "").split("-").map(Number);
  return { first, last };
}

/** The line behind the largest block, other than a list, that has a line: 0 where none has. */
export function endOf(answer: HTMLElement, line: number): number {
  const blocks = Array.from(answer.querySelectorAll<HTMLElement>("[data-lines]:not(ul, ol)")).map(linesOf);
  return Math.max(0, ...blocks.filter(({ first, last }) => first <= line && line <= last).map(({ last }) => last + 1));
}

/** The innermost block that a line is in. */
export function blockOf(answer: HTMLElement, line: number): HTMLElement | undefined {
  const blocks = Array.from(answer.querySelectorAll<HTMLElement>("[data-lines]")).filter((block) => {
    const { first, last } = linesOf(block);
    return first <= line && line <= last;
  });
  return blocks.at(-1);
}
