/// <reference lib="dom" />
/** Which lines of an answer the reader has selected: blocks say which lines they are (`data-lines`). */

/** Lines of the answer as the model wrote it, counted from 0, the last one included. */
export interface Lines {
  first: number;
  last: number;
}

/**
 * The lines of the blocks that a selection touches; nothing where it is empty or begins outside of the answer. It may
 * end behind it, as that of a whole paragraph does.
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
  const blocks = Array.from(answer.querySelectorAll<HTMLElement>("[data-lines]")).filter((block) => holdsOwn(range, block));
  const lines = blocks.map(ownLines);
  if (lines.length === 0) {
    return undefined;
  }
  return { first: Math.min(...lines.map(({ first }) => first)), last: Math.max(...lines.map(({ last }) => last)) };
}

/** Whether a selection has text of a block that is in no block inside of it. */
function holdsOwn(range: Range, block: HTMLElement): boolean {
  if (!range.intersectsNode(block)) {
    return false;
  }
  const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    if (text.parentElement?.closest("[data-lines]") === block && isTouched(range, text as Text)) {
      return true;
    }
  }
  return false;
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

/** The innermost block that a line is in. */
export function blockOf(answer: HTMLElement, line: number): HTMLElement | undefined {
  const blocks = Array.from(answer.querySelectorAll<HTMLElement>("[data-lines]")).filter((block) => {
    const { first, last } = linesOf(block);
    return first <= line && line <= last;
  });
  return blocks.at(-1);
}
