// Who answers, as far as the settings and the latest run tell. Pure.

export interface Settings {
  provider: string;
  baseUrl: string;
  model: string;
  /** There is a key in the editor's secret storage. */
  hasKey: boolean;
}

/** Who was asked last: a label of the server's, and the model. */
export interface Asked {
  provider: string;
  model: string;
}

export interface Who {
  /** Empty where it is not known yet. */
  model: string;
  /** A host, or one of the words below. */
  at: { host: string } | "auto" | "local" | "editor" | "worksheet";
}

/** OpenAI, where no other server is named, and the model that is asked there. */
const OPENAI = { host: "api.openai.com", model: "gpt-5-mini" };

/** Who is asked by these settings; the latest run knows it better, as long as they have not changed since. */
export function whoAnswers({ provider, baseUrl, model, hasKey }: Settings, last: Asked | undefined): Who {
  if (last !== undefined) {
    return { model: last.model, at: { host: last.provider } };
  }
  if (provider === "editor" || provider === "worksheet" || provider === "local") {
    return { model: provider === "worksheet" ? "" : model, at: provider };
  }
  if (baseUrl !== "") {
    return { model, at: { host: hostOf(baseUrl) } };
  }
  return provider === "openai" || hasKey ? { model: model || OPENAI.model, at: { host: OPENAI.host } } : { model, at: "auto" };
}

/** The host of an address, with its port; the address itself where it is none. */
export function hostOf(address: string): string {
  try {
    return new URL(/^[a-z]+:\/\//i.test(address) ? address : `http://${address}`).host;
  } catch {
    return address;
  }
}
