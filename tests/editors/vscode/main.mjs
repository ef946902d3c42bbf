// Runs the tests one after the other and counts them.

import { checks } from "./checks.mjs";
import { copy } from "./copy.mjs";
import { crash } from "./crash.mjs";
import { focus } from "./focus.mjs";
import { front } from "./front.mjs";
import { grid } from "./grid.mjs";
import { history } from "./history.mjs";
import { keys } from "./keys.mjs";
import { manifest } from "./manifest.mjs";
import { menu } from "./menu.mjs";
import { missing } from "./missing.mjs";
import { models } from "./models.mjs";
import { outline } from "./outline.mjs";
import { packed } from "./package.mjs";
import { parts } from "./parts.mjs";
import { pure } from "./pure.mjs";
import { reload } from "./reload.mjs";
import { restricted } from "./restricted.mjs";
import { slow } from "./slow.mjs";
import { place, twelve } from "./twelve.mjs";
import { views } from "./views.mjs";
import { work } from "./work.mjs";
import { action } from "./action.mjs";

const [word = "", ...only] = process.argv.slice(2);
const { test, finish } = checks(word);
for (const group of [manifest, pure, parts, packed, action, focus, grid, front, copy, work, history, keys, views, menu, missing, models, outline, reload, restricted, slow, twelve, place, crash]) {
  // Most groups start an editor, which takes longer than a test.
  if (only.length === 0 || only.includes(group.name)) {
    await group(test);
  }
}
process.exit(finish());
