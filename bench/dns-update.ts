/**
 * Durable dynamic updates beside BIND: how many are acknowledged in a second, one after the other and
 * from eight clients at once, each waiting for its answer.
 *
 *   npm run bench -- dns-update [--rounds=5] [--seconds=4]
 *
 * Both have a zone of 10,000 names, a key for it, the same disk, and all of one core; the clients have the
 * other. Each update replaces the address of a name of its client, signed with HMAC-SHA-256. BIND syncs
 * its journal before it answers, and so do we.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureChanges } from './dns-authoritative/change-latency.ts';
import { median } from './dns-authoritative/loads.ts';
import { type Bar, bar, barLine } from './dns-authoritative/report.ts';
import { plainText, plainZone } from './dns-authoritative/zones.ts';
import { runClients } from './dns-update/clients.ts';
import { startUpdatable, updateKey } from './dns-update/servers.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    names: { type: 'string', default: '10000' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const names = Number(values.names);
const cores = { server: 0, clients: 1 };
const clientCounts = [1, 8];
/** How many times as many as BIND, by the number of clients. */
const wanted: Readonly<Record<number, number>> = { 1: 1.8, 8: 5 };
const folder = mkdtempSync(join(tmpdir(), 'riad-bench-'));
const say = (text: string): void => void process.stderr.write(`${text}\n`);

try {
  const zone = { name: plainZone, text: plainText(names) };
  const figures: Record<string, Record<string, number[]>> = {};
  const servers = [
    await startUpdatable('bind', zone, join(folder, 'bind'), cores.server),
    await startUpdatable('riad', zone, join(folder, 'riad'), cores.server),
  ];
  try {
    // The first round warms both up, as servers are that have run for a while, and is not counted.
    for (let round = 0; round <= rounds; round++) {
      for (const clients of clientCounts) {
        for (const server of servers) {
          const acknowledged = await runClients(
            { port: server.port, zone: plainZone, key: updateKey, clients, seconds, names },
            cores.clients,
          );
          const perSecond = acknowledged / seconds;
          say(`${server.name}, ${clients} clients: ${perSecond.toFixed(0)} a second`);
          if (round === 0) continue;
          const byClients = figures[server.name] ?? {};
          figures[server.name] = byClients;
          byClients[clients] = [...(byClients[clients] ?? []), perSecond];
        }
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
  const bars: Bar[] = clientCounts.map((clients) => {
    const [ours, theirs] = ['riad', 'bind'].map((name) => median(figures[name]![clients]!));
    // The bar is of times: so much of BIND's for each update at most.
    return bar(
      `${clients === 1 ? 'one client' : `${clients} clients`}: time for an acknowledged update / bind (updates a second: ${ours!.toFixed(0)}, bind ${theirs!.toFixed(0)})`,
      theirs! / ours!,
      1 / wanted[clients]!,
    );
  });
  const path = join(folder, 'changes.zone');
  writeFileSync(path, zone.text);
  const changed = await measureChanges({ name: zone.name, path }, names, folder);
  bars.push(...changed.bars);
  for (const one of bars) process.stdout.write(`${barLine(one)}\n`);
  const results = join(import.meta.dirname, 'results');
  mkdirSync(results, { recursive: true });
  const kept = { rounds, seconds, names, updatesPerSecond: figures, change: changed.figures, bars };
  writeFileSync(join(results, 'dns-update.json'), `${JSON.stringify(kept, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
