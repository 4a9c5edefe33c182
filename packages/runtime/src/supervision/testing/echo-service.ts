/** A service for the tests: echoes what it gets over UDP and TCP, and tries what it must not. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { CommandError, type RunningService, type ServiceContext } from '../../service.ts';

export async function start(context: ServiceContext): Promise<RunningService> {
  const closing: { close(): void }[] = [];
  for (const { protocol, fd, address, port } of context.listeners) {
    if (protocol === 'udp') {
      const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
      socket.on('message', (octets, from) => socket.send(octets, from.port, from.address));
      if (fd === undefined) socket.bind(port, address);
      else socket.bind({ fd });
      closing.push(socket);
    } else {
      const server = createServer((socket) => socket.pipe(socket));
      if (fd === undefined) server.listen(port, address);
      else server.listen({ fd });
      closing.push(server);
    }
  }
  const echoed = context.metrics.counter({
    name: 'riad_echo_commands_total',
    type: 'counter',
    help: 'Echo commands.',
  });
  writeFileSync(join(context.stateDirectory, 'written'), 'by the service');
  const { signal } = context;
  if ((context.config as { never?: boolean }).never && !signal.aborted) {
    const working = setInterval(() => {}, 1000); // what a service does that starts for long
    await once(signal, 'abort').finally(() => clearInterval(working));
  }
  signal.throwIfAborted();
  context.log.info('echo started');
  return {
    async stop() {
      for (const open of closing) open.close();
    },
    status: () => ({ pid: process.pid, config: context.config }),
    health: () => ({ healthy: true }),
    commands: {
      async echo(input) {
        echoed.add();
        return input;
      },
      async read(input) {
        try {
          return readFileSync(String(input), 'utf8');
        } catch (error) {
          throw new CommandError((error as NodeJS.ErrnoException).code);
        }
      },
    },
  };
}
