// Who answers, as far as the server and the latest run tell. Pure.

/** What the server knows of who will be asked, before it has asked anybody: PROTOCOL.md, `kaizodo/provider`. */
export interface NextProvider {
  kind: string;
  provider: string;
  model: string;
}

/** Who was asked last: a label of the server's, and the model. */
export interface Asked {
  provider: string;
  model: string;
}

export interface Who {
  /** Empty where it is not known yet. */
  model: string;
  /** A host, or one of the words below; `unknown` as long as the server has said nothing. */
  at: { host: string } | "auto" | "local" | "editor" | "worksheet" | "unknown";
}

/**
 * Who is asked, as the server said last; the latest run knows it better, as long as nothing has changed since. The
 * editor's settings alone do not tell: a settings file and the environment have a say, too.
 */
export function whoAnswers(next: NextProvider | undefined, last: Asked | undefined): Who {
  if (last !== undefined) {
    return { model: last.model, at: { host: last.provider } };
  }
  switch (next?.kind) {
    case "server":
      return { model: next.model, at: { host: next.provider } };
    case "auto":
    case "local":
    case "editor":
      return { model: next.model, at: next.kind };
    case "worksheet":
      return { model: "", at: next.kind };
    default:
      return { model: "", at: "unknown" };
  }
}
