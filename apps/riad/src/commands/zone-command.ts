/** `riad zone status|confirm|remove|refresh|retransfer|reload|freeze|thaw`: asks the running name server. */
import { askService } from '@riad/runtime/control/control-client';
import { findNameServer, type NameServerOption } from '../name-server.ts';
import { Refusal } from '../refusal.ts';

export async function run(
  action: 'status' | 'confirm' | 'remove' | 'refresh' | 'retransfer' | 'reload' | 'freeze' | 'thaw',
  zone: string | undefined,
  options: NameServerOption & { json?: boolean },
): Promise<number> {
  const { socket } = await findNameServer(options);
  const answer = await askService(socket, 'POST', `/commands/zone-${action}`, { zone });
  if (answer === undefined) throw new Refusal(`the name server is not running (${socket})`);
  if (answer.status !== 200) {
    const { error } = (answer.body ?? {}) as { error?: string };
    throw new Refusal(error ?? `the name server answers with status ${answer.status}`);
  }
  process.stdout.write(`${JSON.stringify(answer.body, null, options.json ? 0 : 2)}\n`);
  return 0;
}
