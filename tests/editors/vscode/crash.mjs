// The server is killed while a run is written: what had come is shown as cut off, and Retry of a section completes it. One
// that hangs, or that has ended so often that it is not started again, makes way for another.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

/** What stands below an answer whose server was killed; in the text it is wrapped. */
const CUT = "この答えが終わる前に";

/** Starts a run, waits until two sections are over and two are not, and kills the server. */
async function crashWithin(bench, shown) {
  // No longer than leaves all sections in sight, however late the server is killed.
  const slow = { chunks: Array.from({ length: 6 }, (_, n) => `- slow ${n + 1} を考える\n`), delay_ms: 100, hang: true };
  await bench.model.plays(script(2, 10, { depth: slow, time: slow }));
  await bench.select(3);
  await bench.press("Control+Alt+u");
  await until("some text", async () => (await shown()).includes("slow 5 "));
  await until("two sections that are over", async () => (await bench.status()).includes("2/4"));
  const [killed] = servers(bench);
  process.kill(killed, "SIGKILL");
  await until("the next server", () => servers(bench).some((pid) => pid !== killed));
  await until("the status item to go", async () => (await bench.status()) === "");
}

export async function crash(test) {
  await kept(test);
  await notKept(test);
  await replaced(test);
}

async function kept(test) {
  const settings = { "kaizodo.view": "grid" };
  const files = { "notes.md": NOTES, ".vscode/settings.json": "{}" };
  const bench = await Workbench.start({ files, settings });
  const check = bench.checks(test);
  try {
    await check("the grid: what was alive is cut off, and Retry of a section completes it", async () => {
      await crashWithin(bench, () => page(bench).innerText());
      await until("two panes that were cut", async () => (await looks(bench)).join() === "partial,done,done,partial");
      const [first, second, , last] = await panes(bench);
      for (const cut of [first, last]) {
        assert.ok(cut.includes("Incomplete") && cut.includes("slow 3 "), cut);
        assert.doesNotMatch(cut, /0\.0 s|Writing/, "nobody knows how long it took");
      }
      assert.ok(second.includes("Complete") && second.includes("breadth 2"), second);
      // The next server, which has read the run, says it once more in place of what was said meanwhile.
      await until("how it ended, told once", async () => {
        const whole = await page(bench).innerText();
        return whole.includes("2 of 4 complete") && whole.split(CUT).length === 2;
      });
      await bench.shot("crash-grid-cut");
      await bench.model.plays(script(4, 200, { depth: { held: true } }));
      await page(bench).getByRole("button", { name: "Retry 深さ" }).click();
      await until("a run that is alive again", async () => /3\/4|2\/4/.test(await bench.status()));
      await bench.model.goesOn();
      await until("the whole answer", async () => (await looks(bench)).join() === "done,done,done,partial");
      const after = await panes(bench);
      assert.ok(after[0].includes("depth 4") && !after[0].includes("slow") && !after[0].includes(CUT), after[0]);
      assert.equal(after[1], second, "the others are as they were");
      assert.ok(after[3].includes(CUT) && after[3].includes("slow 3 "), after[3]);
      assert.deepEqual(await asked(bench), ["depth"]);
      await until("the status item to go", async () => (await bench.status()) === "");
      await bench.shot("crash-grid-again");
    });

    await check("the text: what was alive is cut off, and Retry of a section completes it", async () => {
      await bench.configure({ "kaizodo.view": "text" });
      await crashWithin(bench, () => bench.text(1));
      const text = () => dense(bench, 1);
      const cut = await until("the cut", async () => {
        const now = await text();
        return now.includes(CUT) && now;
      });
      assert.match(cut, /##深さ-slow1を.*slow3を.*⚠この答え.*##広さ-breadth1を.*breadth2を.*##構造/);
      await bench.shot("crash-text-cut");
      await bench.model.plays(script(4, 200));
      await bench.quick("F1", "Kaizodo: Retry a Section", "Retry a Section");
      const rows = bench.page.locator(".quick-input-list .monaco-list-row");
      const offered = async () => (await rows.allInnerTexts()).map((row) => row.trim()).join();
      await until("the sections, those first that were cut", async () => (await offered()) === "✗ 深さ,✗ 時間,✓ 広さ,✓ 構造");
      await rows.first().click();
      await until("the whole answer", async () => /##深さ-depth1を.*depth4を考える`scripted`.*##広さ-breadth1を/.test(await text()));
      await until("the status item to go", async () => (await bench.status()) === "");
      await bench.shot("crash-text-again");
      await bench.page.locator(".editor-group-container").nth(1).locator(".view-line").first().click();
      await bench.press("Control+End");
      await until("the other one, as it was", async () => /##時間.*-slow3を.*⚠この答え/.test(await text()));
      assert.deepEqual(await asked(bench), ["depth"]);
    });
  } finally {
    await bench.stop();
  }
}

async function notKept(test) {
  const bench = await Workbench.start({ files: { "notes.md": NOTES }, settings: { "kaizodo.journal.enabled": false } });
  try {
    await bench.checks(test)("without a journal: the text says what was cut, Retry why it cannot, and it can be copied", async () => {
      await crashWithin(bench, () => bench.text(1));
      const cut = await until("the cut", async () => {
        const now = await dense(bench, 1);
        return now.includes("⚠") && now;
      });
      assert.match(cut, /-slow3を考える.*⚠TheKaizodoserverstoppedbeforethisanswerwascomplete\.##広さ.*breadth2を/);
      await bench.shot("crash-not-kept");
      await bench.quick("F1", "Kaizodo: Retry a Section", "Retry a Section");
      await bench.page.locator('.quick-input-list .monaco-list-row:has-text("✗ 深さ")').click();
      await bench.page.locator(".notification-toast", { hasText: "is neither on this server" }).waitFor();
      await bench.palette("Kaizodo: Copy Panel to a New Document");
      await bench.page.locator(".tab.active.dirty").waitFor();
      await until("the copy", async () => (await dense(bench, 1)) === cut);
    });
  } finally {
    await bench.stop();
  }
}

async function replaced(test) {
  const bench = await Workbench.start({ files: { "notes.md": NOTES } });
  const check = bench.checks(test);
  const answered = async (said) => {
    await bench.model.plays(script(1, 10, { time: { chunks: [`- ${said}\n`] } }));
    await bench.select(3);
    await bench.press("Control+Alt+u");
    await until("the answer", async () => (await bench.text(1)).includes(said));
    await until("the end", async () => (await bench.status()) === "");
  };
  const errors = () => bench.page.locator(".notification-toast .codicon-error").count();
  try {
    await check("a server that hangs is replaced by Restart the Server, without a word", async () => {
      await answered("最初の答え");
      const [hung] = servers(bench);
      process.kill(hung, "SIGSTOP");
      await bench.palette("Kaizodo: Restart the Server");
      await until("the next server", () => servers(bench).some((pid) => pid !== hung));
      await answered("次の答え");
      await until("the end of the one that hung", () => !servers(bench).includes(hung));
      assert.equal(await errors(), 0);
      await bench.shot("crash-hung");
    });

    await check("a server that has ended too often is started again by the next command", async () => {
      // A new client counts anew: an earlier try may have used up some of the ends that it allows.
      const killed = servers(bench);
      await bench.palette("Kaizodo: Restart the Server");
      await bench.palette("Notifications: Clear All Notifications");
      for (let left = 5; left > 0; left -= 1) {
        const [alive] = await until("a server", () => {
          const found = servers(bench).filter((pid) => !killed.includes(pid));
          return found.length === 1 && found;
        });
        // It is killed once it has answered: before, the start itself would have failed. The status item may for a moment
        // still say what the server before it has told.
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        await until("who will be asked", async () => (await bench.who()).includes("scripted"));
        process.kill(alive, "SIGKILL");
        killed.push(alive);
      }
      await bench.page.locator(".notification-toast", { hasText: "will not be restarted" }).waitFor();
      assert.deepEqual(servers(bench), []);
      await answered("また答える");
    });
  } finally {
    await bench.stop();
  }
}

/** The text of an editor group without blanks: its lines are wrapped anywhere. */
const dense = async (bench, group) => (await bench.text(group)).replaceAll(" ", "");

/** The servers of this editor: their process ids. */
function servers(bench) {
  const rows = execFileSync("ps", ["-eo", "pid,sess,args"], { encoding: "utf8" }).split("\n");
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, session, ...args]) => args.join(" ") === `${process.env.KAIZODO_BIN} lsp` && session === `${bench.server.pid}`)
    .map(([pid]) => Number(pid));
}

/** The page of the webview that is in sight. */
const page = (bench) =>
  bench.page.frameLocator("iframe.webview.ready >> visible=true").frameLocator("iframe").locator("body");

/** What the panes say, and how they look. */
const panes = (bench) => page(bench).locator("section.pane").allInnerTexts();
const looks = (bench) => page(bench).locator("section.pane").evaluateAll((all) => all.map(({ dataset }) => dataset.look));

/** The sections that the model was asked for since it was told what to say. */
const asked = async (bench) =>
  (await bench.model.log()).filter(({ event }) => event === "request").map(({ perspective }) => perspective);
