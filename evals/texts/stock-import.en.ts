// Loses rows again. Warehouse file had 18,204 lines last night, only 1,1xx rows in the
// table have last night's seen_at, and rerunning the SAME file gives a different number.
// Small files (the north depot, ~300 lines) are always complete. I think their SFTP is
// still writing at 02:00, so I moved the cron to 03:30, no difference?? Maybe 04:30.
import { createReadStream } from "node:fs";
import { rename } from "node:fs/promises";
import { createInterface } from "node:readline";
import { pool } from "./db";

type Row = { sku: string; site: string; qty: number; cost: number };

// "1.250,00" style, they're on German Excel
const money = (s: string) => parseFloat(s.replace(",", "."));

async function upsert(rows: Row[]) {
  const c = await pool.connect();
  try {
    for (const r of rows)
      await c.query(
        `insert into stock (sku, site, qty, unit_cost, seen_at) values ($1,$2,$3,$4,now())
         on conflict (sku, site) do update set qty = $3, unit_cost = $4, seen_at = now()`,
        [r.sku, r.site, r.qty, r.cost]);
  } finally { c.release(); }
}

export async function importStock(path: string) {
  const batch: Row[] = [], running: Promise<void>[] = [];
  let n = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const [sku, site, qty, cost] = line.split(";");
    if (!sku || sku === "SKU") continue;
    batch.push({ sku: sku.trim(), site, qty: Number(qty), cost: money(cost) });
    n++;
    if (batch.length >= 500) { running.push(upsert(batch)); batch.length = 0; }
  }
  running.push(upsert(batch));
  await Promise.all(running);
  await rename(path, path + ".done");
  console.log(`imported ${n} rows`);
}
