/** `riad calendar …`: what has become of calendars and contacts, and how it is undone; `riad backup`, `riad restore`. */
import { type Command, Option } from 'commander';
import { run } from './run-command.ts';

export function addCalendarCommands(program: Command): void {
  const common = (command: Command): Command =>
    command
      .addOption(new Option('-c, --config <file>', 'the file to read').env('RIAD_CONFIG'))
      .option('-s, --service <name>', 'which calendar service, when there are several')
      .addOption(new Option('--json', 'print JSON'));
  const config = (): Option =>
    new Option('-c, --config <file>', 'the file to read').env('RIAD_CONFIG');
  program
    .command('backup')
    .description('accounts, zones, keys and calendars, history and all, into a new folder')
    .argument('<folder>')
    .addOption(config())
    .action(async (folder, options) =>
      run(() => import('./commands/backup.ts'), 'backup' as const, folder, options),
    );
  program
    .command('restore')
    .description('what a backup has, where there is nothing')
    .argument('<folder>')
    .option('--overwrite', 'move aside what is there')
    .addOption(config())
    .action(async (folder, options) =>
      run(() => import('./commands/backup.ts'), 'restore' as const, folder, options),
    );
  const calendar = program
    .command('calendar')
    .description('history, undo, import and export of calendars and contacts');
  common(calendar.command('history'))
    .description('who changed what, newest first')
    .argument('[path]', 'such as ann/work, or /calendars/ann/work/x.ics')
    .option('--uid <uid>', 'of one object, whatever it was called')
    .option('--user <name>', 'what this user did')
    .option('--device <name>', 'with this app password')
    .option('--since <moment>', '2h, 3d, or 2026-12-01T10:00Z')
    .option('--limit <number>', 'at most so many', '100')
    .action(async (path, options) =>
      run(() => import('./commands/calendar.ts'), 'history' as const, path, options),
    );
  common(calendar.command('revert'))
    .description('undo a commit, what happened to a path, or what a user or device did')
    .argument('[path]', 'an object or a calendar, with --at')
    .option('--at <moment>', 'make it as it was then')
    .option('--commit <id>', 'undo this commit')
    .option('--by <user>', 'undo what this user did, with --since')
    .option('--device <name>', 'only with this app password')
    .option('--since <moment>', '2h, 3d, or 2026-12-01T10:00Z')
    .option('--user <name>', 'whose rights count; else the owner’s')
    .option('--dry-run', 'only say what would be done')
    .option('--overwrite', 'also what others have changed since in the same property')
    .action(async (path, options) =>
      run(() => import('./commands/calendar.ts'), 'revert' as const, path, options),
    );
  common(calendar.command('export'))
    .description('write a calendar or address book to standard output')
    .argument('<path>', 'such as ann/work, or /addressbooks/ann/contacts/; or ann for all of them')
    .option('--format <format>', 'ics, vcf, json (jCal, jCard), csv, or zip of objects')
    .option('--at <moment>', 'as it was then')
    .action(async (path, options) =>
      run(() => import('./commands/calendar.ts'), 'export' as const, path, options),
    );
  common(calendar.command('import'))
    .description('read a file into a calendar or address book')
    .argument('<path>', 'such as ann/work')
    .argument(
      '<file>',
      '.ics, .vcf, .json (jCal, jCard), .csv, or .zip of such; - for standard input',
    )
    .option('--dry-run', 'only say what is new, changed, the same or wrong')
    .action(async (path, file, options) =>
      run(() => import('./commands/calendar.ts'), 'import' as const, path, { ...options, file }),
    );
  common(calendar.command('takeover'))
    .description(
      'let users and their collections move in from another server’s data, which stays as it is',
    )
    .argument('<server>', 'robur, radicale or xandikos')
    .argument('<folder>', 'a git repository, a collection-root, or the folder of principals')
    .option('--dry-run', 'only say who and what is new, changed, the same or wrong')
    .option('--htpasswd <file>', 'users and passwords, of radicale or of a proxy')
    .option(
      '--htpasswd-encryption <how>',
      'as radicale’s setting (autodetect; plain has to be said)',
    )
    .option('--rights <rights>', 'radicale’s owner_only, owner_write, authenticated, or the file')
    .option('--branch <branch>', 'of robur’s repository, if not the one of its HEAD')
    .option('--owner <user>', 'whose collections become that belong to no user')
    .option('--rename <old=new...>', 'what users and groups are called here')
    .action(async (server, folder, options) =>
      run(() => import('./commands/takeover.ts'), server, folder, options),
    );
  common(calendar.command('purge'))
    .description('erase deleted objects from all history; what is there is to be deleted first')
    .argument('<path...>', 'such as /calendars/ann/work/x.ics')
    .option('--yes', 'it cannot be undone')
    .action(async (paths, options) =>
      run(() => import('./commands/calendar.ts'), 'purge' as const, undefined, {
        ...options,
        paths,
      }),
    );
  common(calendar.command('release'))
    .description('let a user or device delete what was held back, for ten minutes')
    .argument('<user>')
    .option('--device <name>', 'only this one')
    .action(async (user, options) =>
      run(() => import('./commands/calendar.ts'), 'release' as const, user, options),
    );
}
