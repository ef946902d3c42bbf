// A language model of the editor's own, for tests: it says what it was asked, word by word, until it is stopped.

const vscode = require("vscode");
const { appendFileSync } = require("node:fs");

const log = (entry) => appendFileSync(process.env.KAIZODO_MODEL_LOG, `${JSON.stringify(entry)}\n`);

const textOf = (message) => message.content.map((part) => part.value ?? "").join("");

exports.activate = (context) => {
  const provider = {
    provideLanguageModelChatInformation: () => [
      {
        id: "test-model",
        name: "Test Model",
        family: "test",
        version: "1",
        maxInputTokens: 10_000,
        maxOutputTokens: 1_000,
        capabilities: {},
      },
    ],
    provideLanguageModelChatResponse: async (model, messages, _options, progress, token) => {
      log({ event: "asked", model: model.id, messages: messages.map(textOf) });
      token.onCancellationRequested(() => log({ event: "stopped" }));
      const words = process.env.KAIZODO_MODEL_WORDS ?? "5";
      for (let word = 1; word <= Number(words) && !token.isCancellationRequested; word += 1) {
        progress.report(new vscode.LanguageModelTextPart(`言葉 ${word} `));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    provideTokenCount: async (_model, text) => String(text).length,
  };
  context.subscriptions.push(vscode.lm.registerLanguageModelChatProvider("kaizodo-test", provider));
};
