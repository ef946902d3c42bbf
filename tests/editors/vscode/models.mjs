// The editor's own language models: asked only where they are chosen, in the same panel.

import assert from "node:assert/strict";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { tmpdir } from "node:os";
import { NOTES } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

export async function models(test) {
  const logFile = path.join(await mkdtemp(path.join(tmpdir(), "kaizodo-model-")), "log.jsonl");
  await writeFile(logFile, "");
  const said = async () => (await readFile(logFile, "utf8")).split("\n").filter(Boolean).map((l) => JSON.parse(l));
  const bench = await Workbench.start({
    files: { "notes.md": NOTES },
    settings: { "chat.disableAIFeatures": false, "kaizodo.provider": "editor", "kaizodo.model": "test-model" },
    env: { KAIZODO_MODEL_LOG: logFile, KAIZODO_MODEL_WORDS: "4000" },
    extensions: [path.join(import.meta.dirname, "model-extension")],
  });
  try {
    await test("a model of the editor's own answers where it was chosen, and can be stopped", async () => {
      await writeFile(logFile, "");
      await bench.open("notes.md");
      await bench.select(3);
      await bench.press("Control+Alt+u");
      await until("four prompts", async () => (await said()).filter(({ event }) => event === "asked").length === 4);
      await until("the text", async () => (await bench.text(1)).includes("言葉 5"));
      assert.ok((await bench.text(1)).includes("エディターのモデル"));
      await bench.shot("lm-growing");
      const [first] = await said();
      assert.equal(first.model, "test-model");
      assert.ok(first.messages.join("\n").includes(NOTES.split("\n")[0]), first.messages.join("\n"));
      await bench.palette("Kaizodo: Stop");
      await until("four stops", async () => (await said()).filter(({ event }) => event === "stopped").length === 4);
      await until("the run's end", async () => (await bench.status()) === "");
      assert.equal((await bench.model.log()).length, 0, "the server that is also set up was not asked");
    }, () => bench.shot("failed"));
  } finally {
    await bench.stop();
  }
}
