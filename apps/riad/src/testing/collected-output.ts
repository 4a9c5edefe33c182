/** What a command would have printed, for tests that call it in their own process. */
import type { Output } from '../output.ts';

export class CollectedOutput implements Output {
  text = '';
  errors = '';

  readonly stdout: Output['stdout'] = {
    write: (text) => {
      this.text += text;
    },
  };

  readonly stderr: Output['stderr'] = {
    write: (text) => {
      this.errors += text;
    },
  };
}
