// @ts-check
/** Server-sent events from a response's body: `EventSource` cannot send a token. */

/**
 * @typedef {{ id: string, data: string }} Message
 */

/** Puts messages together from pieces of a stream that may be cut anywhere. */
export class Messages {
  #rest = "";
  #id = "";
  /** @type {string[]} */
  #data = [];

  /**
   * The messages that a piece completes. An id stays for those behind it that have none.
   *
   * @param {string} piece
   * @returns {Message[]}
   */
  take(piece) {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#line(line));
  }

  /** @param {string} line */
  #line(line) {
    if (line === "") {
      const data = this.#data.splice(0);
      return data.length === 0 ? [] : [{ id: this.#id, data: data.join("\n") }];
    }
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === "data") {
      this.#data.push(value ?? "");
    } else if (name === "id") {
      this.#id = value ?? "";
    }
    return [];
  }
}

/**
 * The messages of a body, as they come: those of one piece together. `alive` is told of every piece, heartbeats too.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @param {() => void} alive
 * @returns {AsyncGenerator<Message[], void>}
 */
export async function* messagesOf(body, alive) {
  const messages = new Messages();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      alive();
      const complete = messages.take(value);
      if (complete.length > 0) {
        yield complete;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
