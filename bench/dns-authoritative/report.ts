/** Tables for people, and the bars: ratios between servers of one run. */
import type { Figures } from './loads.ts';
import type { ServerName } from './servers.ts';

export type Bar = {
  readonly what: string;
  readonly value: number;
  readonly most: number;
  readonly met: boolean;
};

export function table(title: string, figures: ReadonlyMap<ServerName, Figures>): string {
  const head = ['', 'user µs', 'system µs', 'total µs', 'answers/s', 'lost', 'p50 µs', 'p99 µs'];
  const rows = [...figures].map(([name, f]) => [
    name,
    f.user.toFixed(2),
    f.system.toFixed(2),
    f.total.toFixed(2),
    String(Math.round(f.queriesPerSecond)),
    String(f.lost),
    String(f.p50),
    String(f.p99),
  ]);
  return `${title}\n${[head, ...rows].map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(6) : cell.padStart(10))).join('')).join('\n')}\n`;
}

/** What Riad is held to, of one load: times beside NSD's, Knot's, BIND's and the echo's. */
export function bars(title: string, figures: ReadonlyMap<ServerName, Figures>): Bar[] {
  const riad = figures.get('riad');
  if (riad === undefined) return [];
  const beside = (
    peer: ServerName,
    what: string,
    pick: (figures: Figures) => number,
    most: number,
  ): Bar[] => {
    const other = figures.get(peer);
    return other === undefined
      ? []
      : [bar(`${title}: ${what} / ${peer}'s`, pick(riad) / pick(other), most)];
  };
  return [
    ...beside('nsd', 'user time', ({ user }) => user, 0.7),
    ...beside('echo', 'system time', ({ system }) => system, 1.1),
    ...beside('nsd', 'total time', ({ total }) => total, 0.9),
    ...beside('knot', 'total time', ({ total }) => total, 1),
    ...beside('bind', 'total time', ({ total }) => total, 0.65),
    ...beside('nsd', 'p99 latency', ({ p99 }) => p99, 1),
  ];
}

export function bar(what: string, value: number, most: number): Bar {
  return { what, value, most, met: value <= most };
}

export function barLine({ what, value, most, met }: Bar): string {
  return `${met ? 'met    ' : 'NOT MET'}  ${value.toFixed(2).padStart(8)}  at most ${String(most).padStart(5)}  ${what}`;
}
