// The client of the server: started at the first use, and again where that has failed.

import type * as vscode from "vscode";
import { type Client, tell } from "./client.js";
import { MissingServer, tellMissing } from "./server.js";

/** How long a window takes to start at most, and how often it is looked whether it has, in milliseconds. */
const STARTS_MS = 15_000;
const LOOK_MS = 250;

export class Starter {
  private started: Promise<Client> | undefined;

  constructor(
    private readonly start: () => Promise<Client>,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** The client. Says why where there is none; throws then. */
  async client(): Promise<Client> {
    try {
      return await (this.started ??= this.start());
    } catch (error) {
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
    const starting = (this.started ??= this.start());
    try {
      return await starting;
    } catch (error) {
      // What is missing now may be there at the next look.
      if (this.started === starting) {
        this.started = undefined;
        this.log.debug(String(error));
      }
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
    if (this.started !== undefined && (await this.running()) === undefined) {
      this.started = undefined;
    }
    return this.client().catch(() => undefined);
  }

  /** The client, if it was started and that has not failed. */
  async running(): Promise<Client | undefined> {
    return this.started?.catch(() => undefined);
  }

  async stop(): Promise<void> {
    const client = await this.running();
    this.started = undefined;
    await client?.stop();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.client();
  }

  async restartIfStarted(): Promise<void> {
    if (this.started !== undefined) {
      await this.restart();
    }
  }
}
