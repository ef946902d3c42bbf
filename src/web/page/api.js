// @ts-check
/** The server, as the page asks it. The token stays in this tab. */

import { language, words } from "./words.js";

/** A request that came to nothing; its message is a sentence for the reader. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {string} kind
   * @param {number} status 0 where no answer came
   * @param {string} [setting] what of the settings it is about
   */
  constructor(message, kind, status, setting) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.setting = setting;
  }
}

const KEY = "kaizodo.token";
const TOKEN = /^[A-Za-z0-9_-]{20,200}$/;

/** @type {() => void} */
let tokenRefused = () => {};

/** @param {() => void} told */
export function whenTokenIsRefused(told) {
  tokenRefused = told;
}

export function hasToken() {
  return sessionStorage.getItem(KEY) !== null;
}

/**
 * Keeps the token that stands in an address, `…#token=…`, or is the whole text. False where there is none.
 *
 * @param {string} text
 */
export function keepToken(text) {
  const named = new URLSearchParams(text.replace(/^[^#]*#/, "")).get("token");
  const token = named ?? text.trim();
  if (!TOKEN.test(token)) {
    return false;
  }
  sessionStorage.setItem(KEY, token);
  return true;
}

/**
 * Gives a ticket for the token and keeps that; throws a {@link Refusal} where the ticket was used or is too old.
 *
 * @param {string} ticket
 */
export async function redeem(ticket) {
  const { token } = await (await ask("/v1/token", { method: "POST", authority: ticket })).json();
  keepToken(token);
}

/**
 * The response; throws a {@link Refusal} for any but a good one.
 *
 * @param {string} path
 * @param {{ method?: string, accept?: string, body?: unknown, signal?: AbortSignal, authority?: string, headers?: Record<string, string> }} [how]
 *   `authority` is what opens the path, unless it is the token
 */
export async function ask(path, { method = "GET", accept = "application/json", body, signal, authority, headers = {} } = {}) {
  const sent = {
    authorization: `Bearer ${authority ?? sessionStorage.getItem(KEY) ?? ""}`,
    "accept-language": language,
    accept,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...headers,
  };
  const options = { method, headers: sent, cache: /** @type {const} */ ("no-store"), credentials: /** @type {const} */ ("omit") };
  let response;
  try {
    response = await fetch(path, {
      ...options,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    throw new Refusal(words.noServer, "unreachable", 0);
  }
  if (response.ok) {
    return response;
  }
  const { kind = "", message = "", setting } = await told(response);
  const refusal = new Refusal(message || `${words.refused} (${response.status})`, kind, response.status, setting);
  if (response.status === 401 && authority === undefined) {
    tokenRefused();
  }
  throw refusal;
}

/**
 * What the server says, of a shape that the caller knows.
 *
 * @param {string} path
 * @param {{ method?: string, body?: unknown, signal?: AbortSignal }} [how]
 * @returns {Promise<any>}
 */
export async function askJson(path, how) {
  return (await ask(path, how)).json();
}

/** @param {Response} response @returns {Promise<{ kind?: string, message?: string, setting?: string }>} */
async function told(response) {
  try {
    return (await response.json()).error ?? {};
  } catch {
    return {};
  }
}

/** @param {string} run */
export function pathOf(run) {
  return `/v1/runs/${encodeURIComponent(run)}`;
}

/** A sentence about what went wrong, whatever it was.
 *
 * @param {unknown} error
 */
export function sentence(error) {
  return error instanceof Error ? error.message : String(error);
}
