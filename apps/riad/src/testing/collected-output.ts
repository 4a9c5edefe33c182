/** What a command would have printed, for tests that call it in their own process. */
import type { Output } from '../output.ts';

export class CollectedOutput implements Output {
  text = '';
  errors = '';
  /** What came as octets. */
  octets: Uint8Array = new Uint8Array(0);

  readonly stdout: Output['stdout'] = {
    write: (written) => {
      if (typeof written === 'string') this.text += written;
      else this.octets = Buffer.concat([this.octets, written]);
    },
  };

  readonly stderr: Output['stderr'] = {
    write: (text) => {
      this.errors += text;
    },
  };
}
