/** The program of a service's own process; `supervisor.ts` starts it. */
import { closeSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { type HostedService, hostService } from './host.ts';
import { type Launch, launchVariable, readyMessage } from './launch.ts';

const text = process.env[launchVariable];
if (text === undefined) {
  process.stderr.write(
    `${launchVariable} is missing: services are started by riad up or riad run\n`,
  );
  process.exit(2);
}
delete process.env[launchVariable];
const launch = JSON.parse(text) as Launch;

let hosted: HostedService | undefined;
const stopping = new AbortController();
const stop = async (): Promise<void> => {
  if (stopping.signal.aborted) return;
  stopping.abort();
  // While it starts, it is left to see the signal: threads that are starting must not be torn down.
  if (hosted === undefined) return;
  await hosted.stop();
  process.exit(0);
};
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => {}); // a terminal sends it to all; the supervisor then says SIGTERM
process.on('SIGHUP', () => {
  hosted?.reload().catch((error: unknown) => hosted?.log.error('reload failed', { error }));
});

hosted = await hostService(launch, stopping.signal).catch(
  () => process.exit(stopping.signal.aborted ? 0 : 1), // said why already
);
if (stopping.signal.aborted) await hosted.stop().then(() => process.exit(0));
if (launch.readyFd !== undefined) {
  writeSync(launch.readyFd, readyMessage);
  watchSupervisor(launch.readyFd);
}

/** A service without its supervisor would hold ports that nobody can hand over again. */
function watchSupervisor(fd: number): void {
  try {
    const socket = new Socket({ fd, readable: true, writable: false });
    socket.on('close', () => void stop());
    socket.on('error', () => {}); // a reset closes it too
    socket.resume();
    socket.unref();
  } catch {
    closeSync(fd);
  }
}
