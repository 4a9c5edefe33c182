/**
 * What `strace -f -yy -xx` has seen of a service, as calls in their order, and whether each success was sent only
 * after a sync of the journal that covers it.
 */

export type Call = {
  readonly process: number;
  readonly name: string;
  /** The file, or the socket with both its ends, that its first argument stands for. */
  readonly target: string;
  /** All strings among its arguments, one after the other. */
  readonly octets: Buffer;
  /** Lines of the trace: a call that another one came between has two. */
  readonly begun: number;
  readonly ended: number;
  readonly succeeded: boolean;
};

const whole = /^(\d+)\s+(\w+)\((.*)\)\s+= (-?\w+)/s;
const unfinished = /^(\d+)\s+(\w+)\((.*) <unfinished \.\.\.>$/s;
const resumed = /^(\d+)\s+<\.\.\. (\w+) resumed>(.*)\)\s+= (-?\w+)/s;

export function parseTrace(text: string): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, { readonly words: string; readonly begun: number }>();
  for (const [line, words] of text.split('\n').entries()) {
    const paused = unfinished.exec(words);
    if (paused !== null) {
      open.set(paused[1]!, { words: paused[3]!, begun: line });
      continue;
    }
    const again = resumed.exec(words);
    const found = again ?? whole.exec(words);
    if (found === null) continue;
    const [, process = '', name = '', rest = '', result = ''] = found;
    const first = again === null ? undefined : open.get(process);
    open.delete(process);
    const all = `${first?.words ?? ''}${rest}`;
    calls.push({
      process: Number(process),
      name,
      target: targetOf(all),
      octets: stringsOf(all),
      begun: first?.begun ?? line,
      ended: line,
      succeeded: !result.startsWith('-') && !words.includes('(INJECTED)'),
    });
  }
  return calls.sort((a, b) => a.ended - b.ended);
}

/** Names of files come in digits, too. */
function targetOf(words: string): string {
  const [, target = ''] = /^\d+<(TCP(?:v6)?:\[[^\]]*\]|[^>]*)>/.exec(words) ?? [];
  return target.startsWith('\\x') ? fromHex(target).toString() : target;
}

function fromHex(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}

function stringsOf(words: string): Buffer {
  const pieces = words.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g);
  return Buffer.concat([...pieces].map(([, hex = '']) => fromHex(hex)));
}

const reads = new Set(['read', 'readv', 'recvfrom', 'recvmsg']);
const writes = new Set(['write', 'writev', 'sendto', 'sendmsg']);
const diskWrites = new Set(['write', 'writev', 'pwrite64', 'pwritev']);
const syncs = new Set(['fdatasync', 'fsync']);
const writing = /^(?:PUT|DELETE|MOVE|COPY|MKCOL|MKCALENDAR|PROPPATCH) [^\r\n]* HTTP\/1\.1\r\n/;
const answer = /^HTTP\/1\.1 (\d{3}) /;

export type Success = {
  /** `PUT /calendars/… HTTP/1.1`. */
  readonly request: string;
  readonly status: number;
  /** Why it was too early; undefined: it was not. */
  readonly fault: string | undefined;
};

/** Every success of a request that writes, in order. `journal` tells its files. */
export function successesOf(calls: readonly Call[], journal: RegExp): Success[] {
  const asked = new Map<string, { readonly line: string; readonly call: Call }>();
  const successes: Success[] = [];
  for (const call of calls) {
    if (!call.target.startsWith('TCP')) continue;
    if (reads.has(call.name)) {
      const line = writing.exec(call.octets.toString('latin1'))?.[0];
      if (line !== undefined) asked.set(call.target, { line: line.trim(), call });
      continue;
    }
    const status = writes.has(call.name)
      ? Number(answer.exec(call.octets.toString('latin1', 0, 16))?.[1] ?? 0)
      : 0;
    const request = asked.get(call.target);
    if (status === 0 || request === undefined) continue;
    asked.delete(call.target);
    if (status < 200 || status >= 300) continue;
    const fault = faultOf(calls, journal, request.call, call);
    successes.push({ request: request.line, status, fault });
  }
  return successes;
}

function faultOf(
  calls: readonly Call[],
  journal: RegExp,
  request: Call,
  sent: Call,
): string | undefined {
  // What a PUT has made is named by its tag, which stands in the journal before its octets.
  const tag = /\r\netag: "([0-9a-f]{40})"/i.exec(sent.octets.toString('latin1'))?.[1];
  const id = Buffer.from(tag ?? '', 'hex');
  const written = calls.filter(
    ({ name, target, octets, begun, ended, succeeded }) =>
      diskWrites.has(name) &&
      succeeded &&
      journal.test(target) &&
      begun > request.begun &&
      ended < sent.begun &&
      // Zeros only make room.
      octets.some((octet) => octet !== 0) &&
      octets.includes(id),
  );
  if (written.length === 0) return 'nothing was written into the journal';
  const covered = written.some(({ target, ended }) =>
    calls.some(
      (sync) =>
        syncs.has(sync.name) &&
        sync.succeeded &&
        sync.target === target &&
        sync.begun > ended &&
        sync.ended < sent.begun,
    ),
  );
  return covered ? undefined : 'the journal was written and not synced';
}
