// @ts-check
/**
 * Follows one run: one stream of its events, which goes on where it broke. It rests while the tab is hidden and the run
 * is over, since a browser opens few connections to one server.
 */

import { ask, pathOf, Refusal } from "./api.js";
import { messagesOf } from "./sse.js";

/** The server sends a heartbeat every 15 seconds: when three are missing, the connection is dead. */
const SILENCE_MS = 45_000;
/** How long to wait before the next attempt; the last one goes for all that follow. */
const WAITS_MS = [300, 1000, 2000, 5000];

/**
 * @typedef {object} Told
 * @property {(events: unknown[]) => void} events
 * @property {(connected: boolean) => void} connected it is there, or is lost and tried again
 * @property {(refusal: Refusal) => void} refused the server has answered, and not with the run
 */

export class Follower {
  #run;
  #told;
  #last = 0;
  #over = false;
  #closed = false;
  #abort = new AbortController();
  /** @type {() => void} */
  #wake = () => {};

  /**
   * @param {string} run
   * @param {Told} told
   */
  constructor(run, told) {
    this.#run = run;
    this.#told = told;
    document.addEventListener("visibilitychange", this.#look);
    window.addEventListener("online", this.#look);
    void this.#follow();
  }

  close() {
    this.#closed = true;
    this.#abort.abort();
    this.#wake();
    document.removeEventListener("visibilitychange", this.#look);
    window.removeEventListener("online", this.#look);
  }

  #look = () => {
    if (this.#rests()) {
      this.#abort.abort();
    } else {
      this.#wake();
    }
  };

  #rests() {
    return document.hidden && this.#over;
  }

  async #follow() {
    let failures = 0;
    let said = "";
    while (!this.#closed) {
      if (this.#rests()) {
        await this.#sleep(undefined);
        continue;
      }
      try {
        await this.#listen(() => (failures = 0));
      } catch (error) {
        if (this.#closed) {
          return;
        }
        if (isAnswer(error)) {
          // Said once: whoever is at the button beside it stays there.
          if (error.message !== said) {
            said = error.message;
            this.#told.refused(error);
          }
          if (!PASSES.has(error.status)) {
            return;
          }
          await this.#sleep(WAITS_MS.at(-1));
          continue;
        }
      }
      said = "";
      if (!this.#closed && !this.#rests()) {
        // The server ends such a stream only when it ends itself.
        this.#told.connected(false);
        await this.#sleep(WAITS_MS[Math.min(failures, WAITS_MS.length - 1)]);
        failures += 1;
      }
    }
  }

  /** @param {() => void} heard */
  async #listen(heard) {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const dead = () => this.#abort.abort();
    let silence = setTimeout(dead, SILENCE_MS);
    const alive = () => {
      clearTimeout(silence);
      silence = setTimeout(dead, SILENCE_MS);
    };
    try {
      const headers = this.#last === 0 ? {} : { "last-event-id": String(this.#last) };
      const path = `${pathOf(this.#run)}?follow=true`;
      const response = await ask(path, { accept: "text/event-stream", signal, headers });
      this.#told.connected(true);
      heard();
      if (response.body !== null) {
        for await (const messages of messagesOf(response.body, alive)) {
          this.#take(messages);
        }
      }
    } finally {
      clearTimeout(silence);
    }
  }

  /** @param {import("./sse.js").Message[]} messages */
  #take(messages) {
    const events = messages.flatMap(({ id, data }) => {
      const event = parse(data);
      if (event === undefined || this.#closed) {
        return [];
      }
      this.#last = Math.max(this.#last, Number(id) || 0);
      this.#over = event["event"] === "run_ended" || (this.#over && !BEGINS.has(String(event["event"])));
      return [event];
    });
    this.#told.events(events);
    if (this.#rests()) {
      this.#abort.abort();
    }
  }

  /** @param {number | undefined} ms without it, until woken */
  #sleep(ms) {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
    });
  }
}

/** Statuses of refusals that pass by themselves: another process is writing the run, or the server is busy. */
const PASSES = new Set([409, 429]);

/**
 * True for an error of the server itself, which is shown in its words. One from anything in between counts as a lost
 * connection.
 *
 * @param {unknown} error @returns {error is Refusal}
 */
function isAnswer(error) {
  return error instanceof Refusal && (error.status >= 500 ? error.kind !== "" : error.status >= 400);
}

/** With these a run that was over is alive again. */
const BEGINS = new Set(["section_added", "branch_queued", "branch_started"]);

/** @param {string} data @returns {Record<string, unknown> | undefined} */
function parse(data) {
  try {
    const value = JSON.parse(data);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
