/** The command `riad`. Each command's own code is loaded when it runs, so that none pays for another. */
import { Command, Option } from 'commander';
import { addCalendarCommands } from './calendar-commands.ts';
import { run } from './run-command.ts';
import { addUserCommands } from './user-commands.ts';

const program = new Command('riad')
  .description('Names, certificates, calendars and a private network for a small organisation.')
  .version('0.1.0')
  .showHelpAfterError();

const config = (): Option =>
  new Option('-c, --config <file>', 'the file to read').env('RIAD_CONFIG');
const json = (): Option => new Option('--json', 'print JSON');
const service = (): Option =>
  new Option('-s, --service <name>', 'which name server, when there are several');

const signing = (command: Command): Command =>
  command
    .option('--key <key>', 'sign: name:ALG:base64, or the name of a key in the state folder')
    .option('--key-file <file>', 'sign with the key in this file; --key names one of several')
    .addOption(config())
    .addOption(service());

program
  .command('up')
  .description('run every service of riad.yaml; without a file, a demonstration on loopback')
  .addOption(config())
  .addOption(
    new Option('--port <port>', 'where the demonstration answers DNS')
      .default('5300')
      .env('RIAD_PORT'),
  )
  .addOption(
    new Option('--web-port <port>', 'where the demonstration has calendars (8080)').env(
      'RIAD_WEB_PORT',
    ),
  )
  .action(async (options) => run(() => import('./commands/up.ts'), options));

program
  .command('run')
  .description('become one service, for systemd or a container to watch over')
  .argument('<service>', 'its name in the file')
  .addOption(config())
  .action(async (name, options) => run(() => import('./commands/run.ts'), name, options));

program
  .command('check')
  .description('say what is wrong with the file, and with the files it names')
  .addOption(config())
  .addOption(json())
  .action(async (options) => run(() => import('./commands/check.ts'), options));

const zone = program.command('zone').description('look at zones and decide about them');
zone
  .command('check')
  .description('say what is wrong with zone and key files; the file name is the zone’s')
  .argument('<file...>')
  .option('--origin <name>', 'the zone’s name, if it is not the file’s')
  .option('--old <file>', 'what the file was before: the serial must be newer; empty: it was not')
  .option(
    '--serial <who>',
    'with auto the server raises serials, and an old one is no fault',
    'file',
  )
  .option('--root-origin', 'names begin at the root, as in repositories made for MirageOS')
  .addOption(json())
  .action(async (files, options) => run(() => import('./commands/zone-check.ts'), files, options));
zone
  .command('format')
  .description('print a zone file tidily; comments are not kept')
  .argument('<file>')
  .option('--origin <name>', 'the zone’s name, if it is not the file’s')
  .addOption(json())
  .action(async (file, options) => run(() => import('./commands/zone-format.ts'), file, options));
for (const [name, about, argument] of [
  ['status', 'what the running name server has of each zone', '[zone]'],
  ['confirm', 'let a change through that takes away much of a zone', '<zone>'],
  ['remove', 'stop serving a zone whose file is gone, or that nothing asks to keep', '<zone>'],
  ['refresh', 'let a secondary ask its primaries for a newer version now', '<zone>'],
  ['retransfer', 'let a secondary fetch all of a zone, whatever its serial', '<zone>'],
  ['reload', 'read the file of a zone again, changed or not', '<zone>'],
  [
    'freeze',
    'take no updates of a zone while its file is edited; first it gets what it lacks',
    '<zone>',
  ],
  ['thaw', 'take updates of a zone again', '<zone>'],
] as const) {
  zone
    .command(name)
    .description(about)
    .argument(argument)
    .addOption(config())
    .addOption(service())
    .addOption(json())
    .action(async (zoneName, options) =>
      run(() => import('./commands/zone-command.ts'), name, zoneName, options),
    );
}

zone
  .command('diff')
  .description('what the world would see differently: answers, not lines, and what to mind')
  .argument('<before>', 'a file, REV:FILE, or a revision of a git repository')
  .argument('<after>')
  .option('--zone <name>', 'only this zone; or the zone’s name, if it is not the file’s')
  .option('--repo <folder>', 'the git repository, if it is not here')
  .option('--strict', 'end with status 1 when there is a warning')
  .option('--root-origin', 'names begin at the root, as in repositories made for MirageOS')
  .addOption(json())
  .action(async (before, after, options) =>
    run(() => import('./commands/zone-diff.ts'), before, after, options),
  );
zone
  .command('why')
  .description('the rule and the lines behind an answer, and who wrote them when')
  .argument('<name>')
  .argument('<type>')
  .option('--at <when>', 'as it was: a revision, or a time such as 2026-03-31T12:00:00Z')
  .option('--source <path>', 'a folder of zones or a bare git repository, not that of riad.yaml')
  .option('--branch <branch>', 'of a repository (main)')
  .option('--root-origin', 'names begin at the root, as in repositories made for MirageOS')
  .addOption(config())
  .addOption(service())
  .addOption(json())
  .action(async (name, type, options) =>
    run(() => import('./commands/zone-why.ts'), name, type, options),
  );
const hooks = zone
  .command('hooks')
  .description('git hooks: refuse pushes of wrong zones, and tell name servers of good ones');
const hook = (command: Command): Command =>
  command
    .option('--branch <branch>', 'the branch that is served', 'main')
    .option('--serial <who>', 'who raises serials: auto is the server, file whoever pushes', 'auto')
    .option('--root-origin', 'names begin at the root, as in repositories made for MirageOS')
    .option('--notify <server>', 'whom to tell, with #PORT if need be (127.0.0.1)', gather, [])
    .option('--key-file <file>', 'sign with a key of this file, not of the repository')
    .option('--timeout <seconds>', 'how long to wait for each try to tell', '3');
hook(hooks.command('install'))
  .description('write the scripts pre-receive and post-receive into a repository')
  .argument('<repository>')
  .option('--force', 'replace scripts that are there')
  .action(async (repository, options) =>
    run(async () => ({ run: (await hooksModule()).install }), repository, options),
  );
hook(hooks.command('pre-receive'))
  .description('run by git: refuse what riad zone check would refuse')
  .action(async (options) => run(async () => ({ run: (await hooksModule()).preReceive }), options));
hook(hooks.command('post-receive'))
  .description('run by git: tell the name servers, and fail never')
  .action(async (options) =>
    run(async () => ({ run: (await hooksModule()).postReceive }), options),
  );

const key = program
  .command('key')
  .description('make, replace and list the keys that a name server keeps in its state folder');
key
  .command('generate')
  .description('make a key and print it, once; its name says what it may do')
  .argument('<name>', 'such as laptop._update.example.com')
  .option('--algorithm <algorithm>', 'SHA1, SHA224, SHA256, SHA384 or SHA512 (else SHA256)')
  .option('--form <form>', 'print only one form: riad, nsupdate, bind, nsd or knot')
  .addOption(config())
  .addOption(service())
  .addOption(json())
  .action(async (name, options) =>
    run(() => import('./commands/key.ts'), 'generate' as const, name, options),
  );
key
  .command('rotate')
  .description('give a key a second secret and print it; both are good until --finish')
  .argument('<name>')
  .option('--finish', 'let the older secret be good no longer')
  .option('--algorithm <algorithm>', 'for the new secret (else as before)')
  .option('--form <form>', 'print only one form: riad, nsupdate, bind, nsd or knot')
  .addOption(config())
  .addOption(service())
  .addOption(json())
  .action(async (name, options) =>
    run(() => import('./commands/key.ts'), 'rotate' as const, name, options),
  );
key
  .command('list')
  .description('what each key in the state folder may do; no secrets')
  .addOption(config())
  .addOption(service())
  .addOption(json())
  .action(async (options) =>
    run(() => import('./commands/key.ts'), 'list' as const, undefined, options),
  );

program
  .command('query')
  .description('ask a name server, and print the answer as dig does')
  .argument('<words...>', '@address of the server (else 127.0.0.1), name, type (else A)')
  .option('-p, --port <port>', 'port of the server (53, or 853 with --tls)')
  .option('--class <class>', 'record class', 'IN')
  .option('--tcp', 'ask over TCP')
  .option('--tls', 'ask over TLS (RFC 7858)')
  .option('--tls-name <name>', 'check that the certificate is this name’s')
  .option('--dnssec', 'ask for signatures (DO)')
  .option('--no-edns', 'ask without EDNS')
  .option('--nsid', 'ask the server for its identity (RFC 5001)')
  .option('--recurse', 'ask the server to resolve (RD)')
  .option('--timeout <seconds>', 'how long to wait for each try', '3')
  .addOption(json())
  .action(async (words, options) => run(() => import('./commands/query.ts'), words, options));

signing(program.command('transfer'))
  .description('fetch a zone as secondaries do, and print it as a zone file')
  .argument('<words...>', 'the zone, and @address of the server (else 127.0.0.1)')
  .option('--ixfr <serial>', 'print what has changed since then: - lines go, + lines come')
  .option('-o, --output <file>', 'write it there, as a whole or not at all')
  .option('-p, --port <port>', 'port of the server (53, or 853 with --tls)')
  .option('--tls', 'fetch over TLS (RFC 9103)')
  .option('--tls-name <name>', 'check that the certificate is this name’s')
  .option('--timeout <seconds>', 'how long to wait while nothing comes', '20')
  .addOption(json())
  .action(async (words, options) => run(() => import('./commands/transfer.ts'), words, options));

signing(program.command('notify'))
  .description('tell servers that a zone has changed, and check that they heard')
  .argument('<zone>')
  .argument('<server...>', 'addresses, with #PORT behind them if need be')
  .option('--serial <serial>', 'the serial to tell them, as a hint')
  .option('-p, --port <port>', 'port of the servers (53)')
  .option('--tcp', 'tell them over TCP')
  .option('--timeout <seconds>', 'how long to wait for each try', '3')
  .addOption(json())
  .action(async (zone, servers, options) =>
    run(() => import('./commands/notify.ts'), zone, servers, options),
  );

const update = program
  .command('update')
  .description('change zones of a name server: one record, a script, or this machine’s address');
const updating = (command: Command): Command =>
  signing(command)
    .option('--server <address>', 'the server, with #PORT behind it if need be', '127.0.0.1')
    .option('-p, --port <port>', 'port of the server (53, or 853 with --tls)')
    .option('--zone <name>', 'the zone, if it is not to be asked for')
    .option('--tls', 'over TLS')
    .option('--tls-name <name>', 'check that the certificate is this name’s')
    .option('--timeout <seconds>', 'how long to wait for an answer', '10')
    .addOption(json());
updating(update.command('add'))
  .description('add a record')
  .argument('<words...>', 'NAME TTL TYPE DATA…')
  .action(async (words, options) =>
    run(() => import('./commands/update.ts'), 'add' as const, words, options),
  );
updating(update.command('delete'))
  .description('delete a record, all of a type, or all of a name')
  .argument('<words...>', 'NAME [TYPE [DATA…]]')
  .action(async (words, options) =>
    run(() => import('./commands/update.ts'), 'delete' as const, words, options),
  );
updating(update.command('address'))
  .description('let a name have this machine’s address, where it has another')
  .argument('<name>')
  .option('--address <address...>', 'these addresses, not the one that leads to the server')
  .option('--interface <name>', 'the addresses of this interface')
  .option('--ttl <seconds>', 'for how long others keep it', '60')
  .option('--watch', 'stay, and follow the address when it changes')
  .option('--every <seconds>', 'how often to look', '30')
  .option('--confirm <seconds>', 'how often to ask whether the server still has it', '3600')
  .action(async (name, options) =>
    run(() => import('./commands/update-address.ts'), name, options),
  );
updating(update.command('script', { isDefault: true }))
  .description('do what a script in the language of nsupdate says')
  .argument('[file]', 'standard input when there is none, or with -')
  .action(async (file, options) =>
    run(
      () => import('./commands/update.ts'),
      'script' as const,
      file === undefined ? [] : [file],
      options,
    ),
  );

function hooksModule(): Promise<typeof import('./commands/zone-hooks.ts')> {
  return import('./commands/zone-hooks.ts');
}

function gather(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

addUserCommands(program);
addCalendarCommands(program);

await program.parseAsync();
