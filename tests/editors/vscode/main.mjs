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
import { models } from "./models.mjs";
import { outline } from "./outline.mjs";
import { packed } from "./package.mjs";
import { parts } from "./parts.mjs";
import { pure } from "./pure.mjs";
import { restricted } from "./restricted.mjs";
import { slow } from "./slow.mjs";
import { views } from "./views.mjs";
import { work } from "./work.mjs";
import { action } from "./action.mjs";

const { test, finish } = checks(process.argv[2] ?? "");
for (const group of [manifest, pure, parts, packed, action, focus, grid, front, copy, work, history, keys, views, models, outline, restricted, slow, crash]) {
  await group(test);
}
process.exit(finish());
