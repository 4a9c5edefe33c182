/** `riad user …`: who there is, and how they log in. */
import { type Command, Option } from 'commander';
import { run } from './run-command.ts';

export function addUserCommands(program: Command): void {
  const config = (): Option =>
    new Option('-c, --config <file>', 'the file to read').env('RIAD_CONFIG');
  const json = (): Option => new Option('--json', 'print JSON');
  const user = program
    .command('user')
    .description('accounts for calendars and the private network');
  user
    .command('add')
    .description('make an account; the password is asked for, or read from standard input')
    .argument('<name>', 'such as ann; lower case')
    .option('--display-name <text>', 'as others see it')
    .option('--email <address...>', 'for invitations, and to log in with')
    .option('--quota <octets>', 'how much may be stored, such as 500M')
    .option('--no-password', 'only app passwords, or a proxy, log in')
    .addOption(config())
    .action(async (name, options) =>
      run(() => import('./commands/user.ts'), 'add' as const, [name], options),
    );
  user
    .command('list')
    .description('all users and groups')
    .addOption(config())
    .addOption(json())
    .action(async (options) =>
      run(() => import('./commands/user.ts'), 'list' as const, [], options),
    );
  user
    .command('change')
    .description('name, addresses, quota; or no login for a while')
    .argument('<name>')
    .option('--display-name <text>', 'as others see it')
    .option('--email <address...>', 'all of them: others are forgotten')
    .option('--quota <octets>', 'such as 500M, or none')
    .option('--disable', 'nobody logs in with it')
    .option('--enable', 'as before')
    .addOption(config())
    .action(async (name, options) =>
      run(() => import('./commands/user.ts'), 'change' as const, [name], options),
    );
  user
    .command('password')
    .description('another password, asked for or read from standard input')
    .argument('<name>')
    .addOption(config())
    .action(async (name, options) =>
      run(() => import('./commands/user.ts'), 'password' as const, [name], options),
    );
  user
    .command('app-password')
    .description('make a password for one device, list them, or remove one')
    .argument('<name>')
    .argument('[device]', 'such as "Ann’s phone"; without one, they are listed')
    .option('--remove', 'the device logs in no longer')
    .addOption(config())
    .addOption(json())
    .action(async (name, device, options) =>
      run(() => import('./commands/user.ts'), 'app-password' as const, [name, device], options),
    );
  user
    .command('group')
    .description('make a group, or let users in or out of it')
    .argument('<group>')
    .option('--display-name <text>', 'as others see it')
    .option('--add <user...>', 'these are in it')
    .option('--drop <user...>', 'these are no longer')
    .option('--remove', 'there is no such group any more')
    .addOption(config())
    .action(async (group, options) =>
      run(() => import('./commands/user.ts'), 'group' as const, [group], options),
    );
  user
    .command('remove')
    .description('no such account any more; what it has stored stays')
    .argument('<name>')
    .addOption(config())
    .action(async (name, options) =>
      run(() => import('./commands/user.ts'), 'remove' as const, [name], options),
    );
}
