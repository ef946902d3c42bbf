// The client of the server: started at the first use, and again where that has failed or its server is gone for good.

import type * as vscode from "vscode";
import { type Client, tell } from "./client.js";
import { MissingServer, tellMissing } from "./server.js";

/** How long a window takes to start at most, and how often it is looked whether it has, in milliseconds. */
const STARTS_MS = 15_000;
const LOOK_MS = 250;

/** How long a server that has not answered yet is waited for before it is replaced, in milliseconds. */
const ANSWERS_MS = 2_000;

/** One start: its client is there before the server has answered. */
interface Start {
  made: Promise<Client>;
  started: Promise<Client>;
  /** Known once the server has answered. */
  client?: Client;
  /** No longer wanted: a client that is not made yet is not made. */
  isDropped?: true;
}

export class Starter {
  private latest: Start | undefined;
  /** Resolves when the previous client has stopped. Only then can a new one register the same commands. */
  private ending: Promise<void> = Promise.resolve();

  constructor(
    /** Makes the client of a server that is not started yet. */
    private readonly make: () => Promise<Client>,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** The client. Says why where there is none; throws then. */
  async client(): Promise<Client> {
    const start = this.current() ?? this.begin();
    try {
      return await start.started;
    } catch (error) {
      if (this.latest !== undefined && this.latest !== start) {
        // Another has taken its place meanwhile.
        return this.client();
      }
      if (error instanceof MissingServer) {
        void tellMissing(error);
      } else {
        tell(error);
      }
      throw error;
    }
  }

  /** The client, where nobody has asked for anything: nothing is said where there is none. */
  async quietly(): Promise<Client | undefined> {
    const start = this.current() ?? this.begin();
    try {
      return await start.started;
    } catch (error) {
      if (this.latest !== undefined && this.latest !== start) {
        return this.quietly();
      }
      // What is missing now may be there at the next look.
      this.latest = undefined;
      this.log.debug(String(error));
      return undefined;
    }
  }

  /** The same while the window is starting: the settings that say where the server is may come after its tabs. */
  async soon(): Promise<Client | undefined> {
    for (const end = Date.now() + STARTS_MS; ; ) {
      const client = await this.quietly();
      if (client !== undefined || Date.now() > end) {
        return client;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** The client for an explicit command: where an earlier start failed, it tries again. */
  async connected(): Promise<Client | undefined> {
    const start = this.current();
    if (start !== undefined && (await this.running()) === undefined && this.latest === start) {
      this.latest = undefined;
    }
    return this.client().catch(() => undefined);
  }

  /** The client, if it was started and that has not failed. */
  async running(): Promise<Client | undefined> {
    return this.current()?.started.catch(() => undefined);
  }

  /** Ends the server; one that does not answer is not waited for. */
  async stop(): Promise<void> {
    const start = this.latest;
    this.latest = undefined;
    if (start !== undefined) {
      start.isDropped = true;
    }
    this.ending = Promise.allSettled([this.ending, end(start)]).then(() => undefined);
    await this.ending;
  }

  async restart(): Promise<void> {
    // The next start is there at once, so that those who wait for the old one get it.
    await Promise.all([this.stop(), this.connected()]);
  }

  async restartIfStarted(): Promise<void> {
    if (this.latest !== undefined) {
      await this.restart();
    }
  }

  private begin(): Start {
    const made = this.ending.then(() => (start.isDropped ? Promise.reject(new Error("The start was dropped.")) : this.make()));
    const started = made.then(async (client) => {
      await client.start();
      start.client = client;
      return client;
    });
    const start: Start = { made, started };
    this.latest = start;
    return start;
  }

  /** The latest start, unless its server is gone and does not come back. */
  private current(): Start | undefined {
    if (this.latest?.client?.isGone === true) {
      void this.stop();
    }
    return this.latest;
  }
}

async function end(start: Start | undefined): Promise<void> {
  const client = await start?.made.catch(() => undefined);
  const late = new Promise((resolve) => setTimeout(resolve, ANSWERS_MS));
  await Promise.race([start?.started.catch(() => undefined), late]);
  await client?.stop();
}
