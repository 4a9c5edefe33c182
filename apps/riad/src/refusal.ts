/** What the person at the keyboard can mend; printed as it is, with exit status 1. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal';
}

/** Nothing came from a server, or there is no way to it. */
export class Unreachable extends Refusal {}
